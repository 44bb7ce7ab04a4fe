/** Names that only a resolver at AWS knows, as ports here: what comes in goes to the emulator as if the name had resolved. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";

export interface Front {
  readonly url: string;
  /** From now on requests go to this host name. */
  lead(hostname: string): void;
  stop(): Promise<void>;
}

/**
 * @param endpoint of the emulator
 * @param tls for what is `https://` at AWS: the viewer's protocol is passed on, as CloudFront ends TLS
 */
export async function openFront(
  endpoint: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Front> {
  const emulator = new URL(endpoint);
  let hostname = "nowhere.invalid";
  const protocol = tls === undefined ? "http" : "https";
  const listener = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const outgoing = request({
      host: emulator.hostname,
      port: emulator.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: hostname, "x-forwarded-proto": protocol },
    });
    outgoing.on("response", (got) => {
      answer.writeHead(got.statusCode ?? 502, got.rawHeaders);
      got.pipe(answer);
    });
    outgoing.on("error", (error) => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end(String(error))));
    incoming.pipe(outgoing);
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `${protocol}://${tls === undefined ? "127.0.0.1" : "localhost"}:${address.port}`,
    lead: (name) => {
      hostname = name;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
