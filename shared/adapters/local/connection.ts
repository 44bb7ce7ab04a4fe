/** The only place that opens connections to the outside for the Egress adapter: to an address, never to a name. */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import type { Unreached } from "#shared/ports/egress";

export const unreached = (why: Unreached["why"], detail: string): Unreached => ({ reached: false, why, detail });

const messageOf = (error: unknown): string => {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code ?? message ?? String(error);
};

/** Failures of TLS itself, as OpenSSL and Node name them. */
const isTls = (error: unknown): boolean =>
  /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_|ERR_OSSL)/.test(messageOf(error));

export interface Hop {
  readonly url: URL;
  readonly address: string;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly anyCertificate: boolean;
  /** PEM; undefined: the platform's. */
  readonly authorities?: string | undefined;
  readonly method?: "GET" | "POST";
  /** Instead of accepting everything. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: string | undefined;
}

export interface Answered {
  readonly reached: true;
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const userAgent = "trstctl";
const maxHeaderBytes = 16_384;

/** One request over a connection of its own. */
export function askOnce(hop: Hop): Promise<Answered | Unreached> {
  const { url, address, signal } = hop;
  const where = `${url.origin} (${address})`;
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      if (signal.aborted) resolve(unreached("connection", `${where}: no answer in time`));
      else if (messageOf(error).startsWith("HPE_"))
        resolve(unreached("response", `${where}: no HTTP (${messageOf(error)})`));
      else resolve(unreached(isTls(error) ? "tls" : "connection", `${where}: ${messageOf(error)}`));
    };
    let outgoing: ClientRequest;
    try {
      outgoing = (url.protocol === "https:" ? httpsRequest : httpRequest)({
        host: address,
        port: portOf(url),
        path: url.pathname + url.search,
        method: hop.method ?? "GET",
        headers: {
          ...(hop.headers ?? { accept: "*/*" }),
          ...(hop.content !== undefined && { "content-length": Buffer.byteLength(hop.content) }),
          host: url.host,
          "user-agent": userAgent,
          connection: "close",
        },
        agent: false,
        maxHeaderSize: maxHeaderBytes,
        signal,
        ...(url.protocol === "https:" && {
          servername: isLiteral(url.hostname) ? "" : url.hostname,
          rejectUnauthorized: !hop.anyCertificate,
          ...(hop.authorities !== undefined && { ca: hop.authorities }),
        }),
      });
    } catch (error) {
      failed(error);
      return;
    }
    outgoing.on("error", failed);
    // What ends in no other way, such as 101 Switching Protocols: node drops the connection and says nothing else.
    const ended = (): void => resolve(unreached("response", `${where}: the connection ended before the answer did`));
    outgoing.on("close", ended);
    outgoing.on("response", (incoming: IncomingMessage) => {
      const parts: Buffer[] = [];
      let length = 0;
      outgoing.off("close", ended); // may come before the end of a body that ends with its connection
      incoming.on("close", ended);
      incoming.on("error", failed);
      incoming.on("data", (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length <= hop.maxBytes) return;
        resolve(unreached("response", `${where}: the answer is longer than ${hop.maxBytes} octets`));
        outgoing.destroy();
      });
      incoming.on("end", () => {
        const { statusCode: status = 0, headers } = incoming;
        const body = new Uint8Array(Buffer.concat(parts));
        resolve({ reached: true, status, location: headers.location, headers: joined(headers), body });
        outgoing.destroy();
      });
    });
    outgoing.end(hop.content);
  });
}

const joined = (headers: IncomingMessage["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")] as const],
    ),
  );

export interface HandshakeOnce {
  readonly address: string;
  readonly port: number;
  readonly serverName: string;
  readonly alpn: string;
  readonly signal: AbortSignal;
}

export interface Shaken {
  readonly reached: true;
  readonly alpn: string | undefined;
  readonly certificate: Uint8Array;
}

/** Who the server is, is not asked: the caller looks at the certificate. */
export function handshakeOnce(target: HandshakeOnce): Promise<Shaken | Unreached> {
  const { address, port, serverName, alpn, signal } = target;
  const where = `${address} port ${port}`;
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      servername: serverName,
      ALPNProtocols: [alpn],
      minVersion: "TLSv1.2",
      rejectUnauthorized: false,
    });
    const finish = (result: Shaken | Unreached): void => {
      signal.removeEventListener("abort", late);
      socket.destroy();
      resolve(result);
    };
    const late = (): void => finish(unreached("connection", `${where}: no TLS handshake in time`));
    signal.addEventListener("abort", late);
    if (signal.aborted) late();
    socket.on("error", (error) =>
      finish(unreached(isTls(error) ? "tls" : "connection", `${where}: ${messageOf(error)}`)),
    );
    socket.on("close", () => finish(unreached("connection", `${where}: closed during the TLS handshake`)));
    socket.on("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate()?.raw;
      if (certificate === undefined) return finish(unreached("tls", `${where}: the server showed no certificate`));
      const chosen = socket.alpnProtocol;
      finish({ reached: true, alpn: chosen === false || chosen === null ? undefined : chosen, certificate });
    });
  });
}

/** Brackets and all; the URL parser has made every form of IPv4 (hex, octal, one number) a dotted quad. */
export const isLiteral = (hostname: string): boolean =>
  hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);

export const portOf = (url: URL): number =>
  url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
