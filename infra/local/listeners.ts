/** The doors of the host: HTTPS for the API, plain HTTP for revocation, a Unix socket for the machine's administrator. */
import { chmodSync, rmSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { getRequestListener } from "@hono/node-server";
import type { Answers, Peer } from "#functions/function";
import { Failure } from "#shared/kernel/failure";
import type { FrontDoor } from "./front-door.ts";
import { isLoopback } from "./profile.ts";
import { answerRefusedBytes } from "./refused-bytes.ts";
import { report } from "./report.ts";
import type { TlsContext } from "./server-certificate.ts";

export interface Opened {
  readonly port: number;
  close(): Promise<void>;
}

/** Slow or silent peers are cut off; a header block has 16 KB. */
const limits = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  noDelay: true,
};

/** What is behind a listener; undefined until the host is ready. */
export type Served = () => Answers | undefined;

const handler = (served: Served) => {
  const listener = getRequestListener(
    (request, { incoming }) =>
      served()?.fetch(request, new SocketPeer(incoming)) ??
      new Response("starting\n", { status: 503, headers: { "retry-after": "1" } }),
    { overrideGlobalObjects: true },
  );
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => void listener(incoming, outgoing);
};

interface Connected {
  readonly socket: { readonly remoteAddress?: string | undefined } & Partial<Pick<TLSSocket, "getPeerX509Certificate">>;
}

/** Looked at only by those who want to know. */
class SocketPeer implements Peer {
  readonly #incoming: Connected;

  constructor(incoming: Connected) {
    this.#incoming = incoming;
  }

  get address(): string {
    return this.#incoming.socket.remoteAddress ?? "";
  }

  get certificate(): Uint8Array | undefined {
    return this.#incoming.socket.getPeerX509Certificate?.()?.raw;
  }
}

export async function listenHttp(address: string, port: number, served: Served): Promise<Opened> {
  return listen(createHttp(limits, handler(served)), { host: address, port }, "TRSTCTL_HTTP_PORT");
}

export interface HttpsPlace {
  readonly address: string;
  readonly port: number;
  readonly setting: "TRSTCTL_HTTPS_PORT" | "TRSTCTL_MTLS_PORT";
  /** Asks for a client certificate; whether it is a good one, and whether one is needed, is for the function to say. */
  readonly requestCert: boolean;
}

export async function listenHttps(
  { address, port, setting, requestCert }: HttpsPlace,
  context: TlsContext,
  served: Served,
  door: FrontDoor,
): Promise<Opened & { useCertificate(context: TlsContext): void }> {
  const asks = requestCert ? { requestCert, rejectUnauthorized: false } : {};
  const server = createHttps({ ...limits, ...asks, ...context, minVersion: "TLSv1.2" }, door.guard(handler(served)));
  const opened = await listen(server, { host: address, port }, setting);
  return { ...opened, useCertificate: (renewed) => server.setSecureContext({ ...renewed, minVersion: "TLSv1.2" }) };
}

/** The socket's directory is 0700: only the user of the host reaches it. */
export async function listenAdmin(path: string, served: Served): Promise<Opened> {
  rmSync(path, { force: true });
  const opened = await listen(createHttp(limits, handler(served)), { path }, "TRSTCTL_RUN_DIR");
  chmodSync(path, 0o600);
  return opened;
}

/**
 * Certificates carry the port that was set when their issuer was made. On loopback the host goes on listening there, so
 * that old leaves resolve after the ports change; elsewhere that is the operator's to route.
 */
export async function listenOldPorts(
  burnt: readonly URL[],
  address: string,
  httpPort: number,
  served: Served,
): Promise<Opened[]> {
  const wanted = new Set(burnt.filter(({ hostname }) => isLoopback(hostname)).map(({ port }) => Number(port || 80)));
  wanted.delete(httpPort);
  const opened: Opened[] = [];
  for (const port of wanted) {
    try {
      opened.push(await listenHttp(address, port, served));
    } catch (error) {
      report(error, {
        function: "host",
        what: `port ${port} stands in certificates, but cannot be listened on: their status does not resolve`,
      });
    }
  }
  return opened;
}

async function listen(
  server: Server | HttpsServer,
  where: { host: string; port: number } | { path: string },
  setting: string,
): Promise<Opened> {
  answerRefusedBytes(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const place = "path" in where ? where.path : `${where.host}:${where.port}`;
      const why =
        cause.code === "EADDRINUSE"
          ? "is taken by another program"
          : cause.code === "EACCES"
            ? "is not ours to open"
            : `cannot be opened (${cause.code})`;
      reject(
        new Failure("misconfigured", `${place} ${why}; set ${setting} to another, or stop what uses it`, { cause }),
      );
    });
    server.listen(where, resolve);
  });
  server.on("error", (error) => report(error, { function: "listener" }));
  const address = server.address() as AddressInfo | string | null;
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 3_000).unref();
      }),
  };
}
