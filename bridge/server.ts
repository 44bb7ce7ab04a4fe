/** The bridge's two doors: the agents' (TLS, HTTP/2) and the health check's. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createSecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { refuse } from "./refusal.ts";
import type { TlsContext } from "./throw-away-certificate.ts";

export interface BridgeOptions {
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  readonly tls: TlsContext;
}

export interface Bridge {
  readonly port: number;
  readonly healthPort: number;
  /** The health check fails from now on, nobody new is let in, who is here is told to go. @returns when all have gone */
  drain(graceMs: number): Promise<void>;
}

/** A connection that asks for nothing; the load balancer's own limit is 350 s. */
const idleMs = 60_000;
const maxStreams = 100;

/** @returns when both listen */
export async function serveBridge({ host, port, healthPort, tls }: BridgeOptions): Promise<Bridge> {
  let draining = false;
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const agents = createSecureServer({
    ...tls,
    allowHTTP1: true,
    minVersion: "TLSv1.3",
    handshakeTimeout: 10_000,
    settings: { maxConcurrentStreams: maxStreams },
  });
  agents.on("request", refuse);
  agents.on("secureConnection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Who never says anything has no session that could time out.
    socket.setTimeout(idleMs, () => socket.destroy());
  });
  agents.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.setTimeout(idleMs, () => session.close());
    if (draining) session.close(); // its handshake was under way when the draining began
  });
  const health = createServer((request, response) => {
    request.resume();
    const known = request.url === "/healthz";
    const status = !known ? 404 : draining ? 503 : 200;
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
    response.end(!known ? "nothing here: /healthz\n" : draining ? "draining\n" : "ok\n");
  });
  await Promise.all([listening(agents, host, port), listening(health, host, healthPort)]);
  const close = async (server: Server): Promise<void> => void (await new Promise((resolve) => server.close(resolve)));

  return {
    port: portOf(agents),
    healthPort: portOf(health),
    async drain(graceMs) {
      draining = true;
      const gone = close(agents);
      for (const session of sessions) session.close();
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await gone;
      clearTimeout(late);
      health.closeAllConnections();
      await close(health);
    },
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
