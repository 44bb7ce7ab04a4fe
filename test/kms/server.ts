/**
 * A KMS for tests: the AWS JSON 1.1 protocol over HTTP with keys, states, message types and limits as AWS documents them,
 * and faults on request. It knows nothing of our code, and nothing of IAM but who is asking.
 */
import {
  constants,
  createDecipheriv,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  randomUUID,
} from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { KmsError } from "./kms-error.ts";
import { importedKey, type MessageType, publicDer, signLikeKms, specs } from "./material.ts";

interface Key {
  readonly id: string;
  readonly keySpec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegion: boolean;
  state: string;
  key: KeyObject | undefined;
}

export interface Fault {
  /** `Sign` and the like; every operation without. */
  readonly operation?: string;
  /** How often; for ever without. */
  times?: number;
  /** Instead of an answer. */
  readonly error?: readonly [name: string, status?: number];
  /** What becomes of a signature. */
  readonly corrupt?: (signature: Uint8Array) => Uint8Array;
  /** The connection is closed without an answer. */
  readonly hangUp?: boolean;
}

export interface KmsServer extends AsyncDisposable {
  readonly endpoint: string;
  /** Of the newest first; a fault that has run out is gone. */
  faults: Fault[];
  /** Each request: its operation and what it asked, in order. */
  readonly asked: { readonly operation: string; readonly body: Readonly<Record<string, unknown>> }[];
  /** Access key ids whose session has ended. */
  readonly expired: Set<string>;
  /** The private key behind a key, to compare with. */
  materialOf(keyId: string): KeyObject | undefined;
}

const account = "111122223333";
const arnOf = (id: string): string => `arn:aws:kms:eu-central-1:${account}:key/${id}`;

type Body = Readonly<Record<string, unknown>>;

export async function startKms(): Promise<KmsServer> {
  const keys = new Map<string, Key>();
  const aliases = new Map<string, string>();
  /** By import token. */
  const wrapping = new Map<string, { readonly keyId: string; readonly algorithm: string; readonly key: KeyObject }>();
  const asked: KmsServer["asked"] = [];
  const expired = new Set<string>();

  const text = (body: Body, name: string, otherwise = ""): string => {
    const value = body[name] ?? otherwise;
    if (typeof value !== "string") throw new KmsError("ValidationException", `${name} must be a string`);
    return value;
  };

  function find(body: Body): Key {
    const asKnown = text(body, "KeyId");
    const alias = aliases.get(asKnown.replace(/^arn:.*:(?=alias\/)/, ""));
    const key = keys.get(alias ?? asKnown.replace(/^arn:.*:key\//, ""));
    if (key === undefined) throw new KmsError("NotFoundException", `Key '${arnOf(asKnown)}' does not exist`);
    return key;
  }

  const metadata = ({ id, keySpec, usage, origin, multiRegion, state }: Key) => ({
    AWSAccountId: account,
    KeyId: id,
    Arn: arnOf(id),
    KeySpec: keySpec,
    KeyUsage: usage,
    KeyState: state,
    Enabled: state === "Enabled",
    Origin: origin,
    MultiRegion: multiRegion,
    ...(usage === "SIGN_VERIFY" && { SigningAlgorithms: specs[keySpec]?.algorithms }),
  });

  /** A key that may do cryptography: "Key states of KMS keys" in the developer guide. */
  function usable(key: Key): KeyObject {
    if (key.state === "Disabled") throw new KmsError("DisabledException", `${arnOf(key.id)} is disabled.`);
    if (key.state !== "Enabled" || key.key === undefined)
      throw new KmsError(
        "KMSInvalidStateException",
        `${arnOf(key.id)} is pending ${key.state.slice(7).toLowerCase()}.`,
      );
    return key.key;
  }

  function change(body: Body, from: readonly string[], to: string): object {
    const key = find(body);
    if (!from.includes(key.state))
      throw new KmsError("KMSInvalidStateException", `${arnOf(key.id)} is in the state ${key.state}.`);
    key.state = to;
    return { KeyId: arnOf(key.id) };
  }

  const operations: Readonly<Record<string, (body: Body) => object>> = {
    CreateKey(body) {
      const keySpec = text(body, "KeySpec");
      const spec = specs[keySpec];
      if (spec === undefined)
        throw new KmsError("UnsupportedOperationException", `KeySpec ${keySpec} is not supported`);
      const usage = text(body, "KeyUsage");
      if (usage !== "SIGN_VERIFY" && !(usage === "ENCRYPT_DECRYPT" && keySpec.startsWith("RSA_")))
        throw new KmsError("ValidationException", `KeyUsage ${usage} is not compatible with KeySpec ${keySpec}`);
      const origin = text(body, "Origin", "AWS_KMS");
      const multiRegion = body["MultiRegion"] === true;
      const external = origin === "EXTERNAL";
      const key: Key = {
        id: multiRegion ? `mrk-${randomUUID().replaceAll("-", "")}` : randomUUID(),
        keySpec,
        usage,
        origin,
        multiRegion,
        state: external ? "PendingImport" : "Enabled",
        key: external ? undefined : spec.generate(),
      };
      keys.set(key.id, key);
      return { KeyMetadata: metadata(key) };
    },

    CreateAlias(body) {
      aliases.set(text(body, "AliasName"), find({ KeyId: text(body, "TargetKeyId") }).id);
      return {};
    },

    DescribeKey: (body) => ({ KeyMetadata: metadata(find(body)) }),

    GetPublicKey(body) {
      const key = find(body);
      return {
        KeyId: arnOf(key.id),
        PublicKey: publicDer(usable(key)).toString("base64"),
        KeySpec: key.keySpec,
        KeyUsage: key.usage,
      };
    },

    Sign(body) {
      const key = find(body);
      const material = usable(key);
      if (key.usage !== "SIGN_VERIFY")
        throw new KmsError("InvalidKeyUsageException", `${arnOf(key.id)} key usage is ${key.usage}.`);
      const algorithm = text(body, "SigningAlgorithm");
      const message = Buffer.from(text(body, "Message"), "base64");
      const type = text(body, "MessageType", "RAW") as MessageType;
      const signature = signLikeKms({ keySpec: key.keySpec, key: material, algorithm, message, type });
      return {
        KeyId: arnOf(key.id),
        SigningAlgorithm: algorithm,
        Signature: Buffer.from(signature).toString("base64"),
      };
    },

    DisableKey: (body) => change(body, ["Enabled", "Disabled"], "Disabled"),
    EnableKey: (body) => change(body, ["Enabled", "Disabled"], "Enabled"),
    ScheduleKeyDeletion: (body) => change(body, ["Enabled", "Disabled", "PendingImport"], "PendingDeletion"),
    CancelKeyDeletion: (body) => change(body, ["PendingDeletion"], "Disabled"),

    GetParametersForImport(body) {
      const key = find(body);
      if (key.origin !== "EXTERNAL")
        throw new KmsError(
          "UnsupportedOperationException",
          `${arnOf(key.id)} origin is ${key.origin} which is not valid for this operation.`,
        );
      const algorithm = text(body, "WrappingAlgorithm");
      if (key.keySpec.startsWith("RSA_") && !algorithm.startsWith("RSA_AES_KEY_WRAP"))
        throw new KmsError("ValidationException", "RSA key material needs an RSA_AES wrapping algorithm");
      const bits = Number(text(body, "WrappingKeySpec").slice(4));
      const pair = generateKeyPairSync("rsa", { modulusLength: bits });
      const token = Buffer.from(randomUUID()).toString("base64");
      wrapping.set(token, { keyId: key.id, algorithm, key: pair.privateKey });
      return {
        KeyId: arnOf(key.id),
        ImportToken: token,
        PublicKey: publicDer(pair.privateKey).toString("base64"),
        ParametersValidTo: Math.floor(Date.now() / 1000) + 86_400,
      };
    },

    ImportKeyMaterial(body) {
      const key = find(body);
      const token = wrapping.get(text(body, "ImportToken"));
      if (token === undefined || token.keyId !== key.id)
        throw new KmsError("InvalidImportTokenException", "The import token is not this key's");
      const material = importedKey(
        key.keySpec,
        unwrap(token, Buffer.from(text(body, "EncryptedKeyMaterial"), "base64")),
      );
      // Bound for ever to what was imported first.
      if (key.key !== undefined && !publicDer(key.key).equals(publicDer(material)))
        throw new KmsError("IncorrectKeyMaterialException", "The key material is not the one that was imported before");
      key.key = material;
      key.state = "Enabled";
      return { KeyId: arnOf(key.id) };
    },
  };

  function answer(operation: string, body: Body, request: IncomingMessage): object | "hang up" {
    const identity = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
    if (identity === undefined)
      throw new KmsError("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (expired.has(identity))
      throw new KmsError("ExpiredTokenException", "The security token included in the request is expired");
    const fault = server.faults.find((one) => (one.operation ?? operation) === operation && one.times !== 0);
    if (fault?.times !== undefined) fault.times--;
    if (fault?.hangUp === true) return "hang up";
    if (fault?.error !== undefined) throw new KmsError(fault.error[0], "as the test asks", fault.error[1]);
    const run = operations[operation];
    if (run === undefined) throw new KmsError("UnknownOperationException", operation);
    const result = run(body) as { Signature?: string };
    if (fault?.corrupt === undefined || result.Signature === undefined) return result;
    const changed = fault.corrupt(Buffer.from(result.Signature, "base64"));
    return { ...result, Signature: Buffer.from(changed).toString("base64") };
  }

  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).replace(/^TrentService\./, "");
      const body = JSON.parse(Buffer.concat(parts).toString("utf8") || "{}") as Body;
      asked.push({ operation, body });
      const say = (status: number, said: object): void =>
        void response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(said));
      try {
        const said = answer(operation, body, request);
        if (said === "hang up") request.socket.destroy();
        else say(200, said);
      } catch (error) {
        const { name, message, status } =
          error instanceof KmsError ? error : new KmsError("KMSInternalException", String(error), 500);
        say(status, { __type: name, message });
      }
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: KmsServer = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    faults: [],
    asked,
    expired,
    materialOf: (keyId) => keys.get(keyId)?.key,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

/** RSAES-OAEP, or with it an AES key, under which the material is wrapped (RFC 5649). */
function unwrap({ algorithm, key }: { readonly algorithm: string; readonly key: KeyObject }, wrapped: Buffer): Buffer {
  const oaep = (part: Buffer): Buffer =>
    privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: algorithm.endsWith("SHA_256") ? "sha256" : "sha1" },
      part,
    );
  try {
    if (!algorithm.startsWith("RSA_AES_KEY_WRAP")) return oaep(wrapped);
    const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const decipher = createDecipheriv(
      "id-aes256-wrap-pad",
      oaep(wrapped.subarray(0, size)),
      Buffer.from("a65959a6", "hex"),
    );
    return Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()]);
  } catch {
    throw new KmsError("InvalidCiphertextException", "The key material cannot be unwrapped");
  }
}
