/**
 * What functions meet of AWS, as far as they use it, over the wire: STS, SSM, KMS, SQS, S3 and Lambda Invoke. It keeps to what the
 * services do; policies are the other suites'. But one: the tenant's bucket takes from each session only its tenant's keys.
 */
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { assumeRoleAnswer, readAssumeRole } from "#test/isolation/sts-wire";

export interface Services {
  readonly endpoint: string;
  /** URL of a queue → bodies of its messages that are due. Later ones are let go: tests ring themselves. */
  readonly queues: Map<string, string[]>;
  /** `<bucket>/<key>` → its bytes. */
  readonly objects: Map<string, Buffer>;
  readonly parameters: Map<string, string>;
  stop(): Promise<void>;
}

export type Invoke = (
  functionName: string,
  payload: unknown,
) => Promise<{ readonly payload: unknown; readonly failed: boolean }>;

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly method: string;
  readonly body: Buffer;
  /** Of the session that signed the request; `ASIA.<tenant>` where STS gave it. */
  readonly accessKeyId: string;
}

interface Said {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const tenantBucket = "blobs";

export async function startServices(invoke: Invoke): Promise<Services> {
  const queues = new Map<string, string[]>();
  const objects = new Map<string, Buffer>();
  const parameters = new Map<string, string>();
  const macKey = "the KMS key";

  const json = (value: unknown): Said => ({ type: "application/x-amz-json-1.1", body: JSON.stringify(value) });
  const fault = (name: string): Said => ({ ...json({ __type: name, message: name }), status: 400 });
  const text = (input: unknown): string => (typeof input === "string" ? input : "");

  /** By `x-amz-target`. */
  const actions: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Said>> = {
    "AmazonSSM.GetParameter": ({ Name }) => {
      const Value = parameters.get(text(Name));
      return Value === undefined ? fault("ParameterNotFound") : json({ Parameter: { Name, Value, Type: "String" } });
    },
    "TrentService.GenerateMac": ({ Message }) =>
      json({ Mac: createHmac("sha256", macKey).update(text(Message), "base64").digest("base64") }),
    "TrentService.Encrypt": ({ Plaintext, EncryptionContext }) =>
      json({ CiphertextBlob: Buffer.from(JSON.stringify({ Plaintext, EncryptionContext })).toString("base64") }),
    "TrentService.Decrypt": ({ CiphertextBlob, EncryptionContext }) => {
      const sealed = JSON.parse(Buffer.from(text(CiphertextBlob), "base64").toString()) as Record<string, unknown>;
      const same = JSON.stringify(sealed["EncryptionContext"]) === JSON.stringify(EncryptionContext);
      return same ? json({ Plaintext: sealed["Plaintext"] }) : fault("InvalidCiphertextException");
    },
    "AmazonSQS.SendMessageBatch": ({ QueueUrl, Entries }) => {
      const messages = queues.get(text(QueueUrl));
      if (messages === undefined) return fault("QueueDoesNotExist");
      const entries = Entries as readonly { Id: string; MessageBody: string; DelaySeconds?: number }[];
      messages.push(...entries.filter(({ DelaySeconds = 0 }) => DelaySeconds === 0).map((one) => one.MessageBody));
      const Successful = entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"), // the SDK looks
      }));
      return json({ Successful, Failed: [] });
    },
  };

  function sts({ body }: Asked): Said {
    const { tags } = readAssumeRole(body.toString());
    const answer = assumeRoleAnswer({
      accessKeyId: `ASIA.${tags["tenant"]}`,
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000),
    });
    return { type: "text/xml", body: answer };
  }

  function s3({ path, query, method, body, accessKeyId }: Asked): Said {
    const [, bucket = "", key = ""] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(path)) ?? [];
    const prefix = key === "" ? (query.get("prefix") ?? "") : key;
    if (bucket === tenantBucket && !prefix.startsWith(`${accessKeyId.replace("ASIA.", "")}/`))
      return xmlFault(403, "AccessDenied");
    if (key === "" && query.has("list-type")) {
      const all = [...objects.keys()].filter((one) => one.startsWith(`${bucket}/${prefix}`)).toSorted();
      const keys = all
        .map((one) => one.slice(bucket.length + 1))
        .filter((one) => one > (query.get("start-after") ?? ""));
      const contents = keys.map((one) => `<Contents><Key>${one}</Key></Contents>`).join("");
      return { type: "application/xml", body: `<ListBucketResult>${contents}</ListBucketResult>` };
    }
    if (method === "POST" && query.has("delete")) {
      for (const [, one = ""] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(`${bucket}/${one}`);
      return { type: "application/xml", body: "<DeleteResult/>" };
    }
    if (method === "PUT") objects.set(`${bucket}/${key}`, body);
    if (method === "DELETE") return (objects.delete(`${bucket}/${key}`), { status: 204 });
    if (method !== "GET") return {};
    const found = objects.get(`${bucket}/${key}`);
    return found === undefined ? xmlFault(404, "NoSuchKey") : { body: found, type: "application/octet-stream" };
  }

  const xmlFault = (status: number, code: string): Said => ({
    status,
    type: "application/xml",
    body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  });

  async function lambda({ body }: Asked, name: string): Promise<Said> {
    const { payload, failed } = await invoke(name, JSON.parse(body.toString()));
    return {
      type: "application/json",
      body: JSON.stringify(payload),
      ...(failed && { headers: { "x-amz-function-error": "Unhandled" } }),
    };
  }

  async function answer(request: IncomingMessage): Promise<Said> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://aws");
    const asked: Asked = {
      path: pathname,
      query: searchParams,
      method: request.method ?? "",
      body: Buffer.concat(parts),
      accessKeyId: /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "",
    };
    const target = text(request.headers["x-amz-target"]);
    if (target !== "") {
      const action = actions[target];
      if (action === undefined) throw new Error(`nobody here does ${target}`);
      return action(JSON.parse(asked.body.toString()) as Record<string, unknown>);
    }
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(decodeURIComponent(pathname)) ?? [];
    if (name !== undefined) return lambda(asked, name);
    return request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? sts(asked) : s3(asked);
  }

  const server = createServer((request, response: ServerResponse) => {
    answer(request).then(
      ({ status = 200, type, body, headers }) =>
        void response.writeHead(status, { ...headers, ...(type !== undefined && { "content-type": type }) }).end(body),
      (error: unknown) => void response.writeHead(500, { "content-type": "text/plain" }).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    queues,
    objects,
    parameters,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
