/** The API and the revocation service as their clients see them, also while they break. */
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { Ports } from "./installation.ts";

/** What came over the wire: the checks look into it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly retryAfter: string | undefined;
  readonly json: Json;
  readonly bytes: Buffer;
}

export interface Api {
  /** @param path below /api/v1 @throws Error when no whole answer came */
  send(method: string, path: string, body?: unknown, key?: string): Promise<Answer>;
  /** The body of a success. @throws Error for anything else */
  get(path: string): Promise<Json>;
  /** From the revocation listener. */
  fetch(path: string): Promise<Answer>;
  isReady(): Promise<boolean>;
  /** Forgets connections that led to a process which is gone. */
  disconnect(): void;
}

const timeoutMs = 20_000;
const connections = 32;

export function createApi(ports: Ports, profile: () => { readonly token: string; readonly ca: string }): Api {
  let known: { readonly agent: Agent; readonly token: string } | undefined;
  const connected = () => {
    if (known !== undefined) return known;
    const { token, ca } = profile();
    // The installation's clock may be wrong by hours; its certificate is checked by this one.
    known = { agent: new Agent({ keepAlive: true, maxSockets: connections, ca }), token };
    return known;
  };

  async function send(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const { agent, token } = connected();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(key !== undefined && { "idempotency-key": key }),
      ...(text !== undefined && {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(text)),
      }),
    };
    const place = { hostname: "127.0.0.1", servername: "localhost", port: ports.https, agent };
    return exchange(httpsRequest, { ...place, method, path, headers, timeout: timeoutMs }, text);
  }

  return {
    send: (method, path, body, key) => send(method, `/api/v1${path}`, body, key),
    async get(path) {
      const { status, json } = await send("GET", `/api/v1${path}`);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(json)}`);
      return json as Json;
    },
    fetch: (path) =>
      exchange(httpRequest, { hostname: "127.0.0.1", port: ports.http, path, agent: false, timeout: timeoutMs }),
    async isReady() {
      try {
        return (await send("GET", "/readyz")).status === 200;
      } catch {
        return false;
      }
    },
    disconnect() {
      known?.agent.destroy();
      known = undefined;
    },
  };
}

function exchange(
  open: typeof httpRequest | typeof httpsRequest,
  options: RequestOptions,
  text?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = open(options, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const bytes = Buffer.concat(parts);
        resolve({
          status: incoming.statusCode ?? 0,
          replayed: incoming.headers["idempotency-replayed"] === "true",
          retryAfter: incoming.headers["retry-after"],
          json: parsed(bytes),
          bytes,
        });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

function parsed(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString("utf8")) as Json;
  } catch {
    return undefined;
  }
}
