/**
 * As much of AWS KMS as wraps data keys, over HTTP (JSON 1.1), with the states in which it refuses: what its own documentation
 * says of Encrypt and Decrypt. The emulator of the interop suites has no states.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  readonly KeyId: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
}

export interface KmsEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly keyId: string;
  /** Name of the exception with which it refuses, from now on. */
  refuse(exception: string | undefined): void;
  /** What was asked, and the encryption context of each. */
  readonly log: { readonly operation: string; readonly context: object }[];
}

/** Keys of the context in order, as KMS binds them. */
const boundTo = (context: Asked["EncryptionContext"] = {}): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))));

async function bodyOf(message: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of message) text += String(chunk);
  return JSON.parse(text) as Asked;
}

export async function openKmsEndpoint(): Promise<KmsEndpoint> {
  const key = randomBytes(32);
  const keyId = "arn:aws:kms:eu-central-1:111122223333:key/mrk-00000000000000000000000000000001";
  let exception: string | undefined;
  const log: { operation: string; context: object }[] = [];

  function answer(operation: string, { Plaintext, CiphertextBlob, EncryptionContext }: Asked): object {
    const aad = boundTo(EncryptionContext);
    if (operation === "Encrypt") {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad);
      const sealed = Buffer.concat([cipher.update(Buffer.from(Plaintext ?? "", "base64")), cipher.final()]);
      return { KeyId: keyId, CiphertextBlob: Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString("base64") };
    }
    const blob = Buffer.from(CiphertextBlob ?? "", "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, 12))
      .setAAD(aad)
      .setAuthTag(blob.subarray(-16));
    return {
      KeyId: keyId,
      Plaintext: Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]).toString("base64"),
    };
  }

  const server = createServer((message, response) => {
    const operation = String(message.headers["x-amz-target"]).replace("TrentService.", "");
    const say = (status: number, value: object): void => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(value));
    };
    void bodyOf(message).then((asked) => {
      log.push({ operation, context: asked.EncryptionContext ?? {} });
      if (exception !== undefined) return say(400, { __type: exception, message: "refused" });
      try {
        return say(200, answer(operation, asked));
      } catch {
        return say(400, { __type: "InvalidCiphertextException" });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keyId,
    log,
    refuse: (name) => void (exception = name),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
