/**
 * DynamoDB as it is on a bad day: a proxy in front of an endpoint that answers late or never, fails before or behind the
 * deed, cuts answers in the middle, makes pages short, and reads what is no longer so. A script decides request by request.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface WireRequest {
  /** `TransactWriteItems`, `Query`… */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An exception as DynamoDB words it. */
export interface Planted {
  readonly name: string;
  /** One for each write of a cancelled transaction. */
  readonly reasons?: readonly string[];
  /** Default 400. */
  readonly status?: number;
}

export type WireFault =
  | { readonly fault: "error"; readonly error: Planted; readonly when: "before" | "behind" }
  | { readonly fault: "cut"; readonly when: "before" | "behind" | "within" }
  | { readonly fault: "late"; readonly ms: number }
  /** Pages of at most so many items, as one that reaches 1 MB. */
  | { readonly fault: "short-pages"; readonly items: number }
  /** The answer that this very read had the last time; only where it was not asked to be consistent. */
  | { readonly fault: "stale" };

export type Script = (request: WireRequest) => WireFault | undefined;

export interface Wire {
  readonly endpoint: string;
  script: Script;
  /** How often each fault was met, by its text. */
  readonly met: Map<string, number>;
  stop(): Promise<void>;
}

export const faultText = (fault: WireFault): string =>
  fault.fault === "error"
    ? `${fault.error.name}${fault.error.reasons === undefined ? "" : `(${fault.error.reasons[0]})`} ${fault.when}`
    : fault.fault === "cut"
      ? `cut ${fault.when}`
      : fault.fault;

export async function startWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const remembered = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await bytesOf(request);
    const operation = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    const body = JSON.parse(sent.toString() || "{}") as Record<string, unknown>;
    const fault = wire.script({ operation, body });
    if (fault !== undefined) wire.met.set(faultText(fault), (wire.met.get(faultText(fault)) ?? 0) + 1);
    if (fault?.fault === "late") await sleep(fault.ms);
    if (fault?.fault === "cut" && fault.when === "before") return void response.destroy();
    if (fault?.fault === "error" && fault.when === "before") return say(response, fault.error);
    const weak = body["ConsistentRead"] !== true && (operation === "GetItem" || operation === "Query");
    const past = remembered.get(sent.toString());
    if (fault?.fault === "stale" && weak && past !== undefined) return answer(response, 200, past);
    const short = fault?.fault === "short-pages" && operation === "Query";
    const limit = short ? Math.min(Number(body["Limit"] ?? fault.items), fault.items) : undefined;
    const forwarded = limit === undefined ? sent : Buffer.from(JSON.stringify({ ...body, Limit: limit }));
    const reply = await forward(request, forwarded);
    if (weak && reply.status === 200 && remembered.size < 10_000) remembered.set(sent.toString(), reply.body);
    if (fault?.fault === "error") return say(response, fault.error);
    if (fault?.fault === "cut") {
      if (fault.when === "behind") return void response.destroy();
      response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.length });
      response.write(reply.body.subarray(0, reply.body.length >> 1), () => response.destroy());
      return;
    }
    answer(response, reply.status, reply.body, reply.headers);
  }

  async function forward(original: IncomingMessage, body: Buffer) {
    const headers = { ...original.headers, "content-length": String(body.length), host: `${hostname}:${port}` };
    const outgoing = send({ hostname, port, method: "POST", path: original.url, headers });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const type = incoming.headers["content-type"] ?? "application/x-amz-json-1.0";
    return { status: incoming.statusCode ?? 500, headers: { "content-type": type }, body: await bytesOf(incoming) };
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const wire: Wire = {
    endpoint: `http://127.0.0.1:${address.port}`,
    script: () => undefined,
    met: new Map(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return wire;
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: Buffer, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers }).end(body);
}

function say(response: ServerResponse, { name, reasons, status = 400 }: Planted): void {
  const body = {
    __type: `com.amazonaws.dynamodb.v20120810#${name}`,
    message: `planted ${name}`,
    ...(reasons !== undefined && { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  };
  answer(response, status, Buffer.from(JSON.stringify(body)));
}
