/**
 * What HTTP cannot be read from is answered in HTTP, and the rest of it is let run out: a connection that is closed with
 * bytes unread is reset, and the reset takes the answer away from the client that is still sending (RFC 9112 9.6).
 */
import type { Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";

/** How long a client may go on sending what nobody reads. */
const lingerMs = 2_000;

const answers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Content Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Node's own mark: an answer that has begun is not written into. */
const isAnswering = (socket: Duplex & { readonly _httpMessage?: { readonly headersSent: boolean } | null }): boolean =>
  socket._httpMessage?.headersSent === true;

export function answerRefusedBytes(server: Server | HttpsServer): void {
  server.on("clientError", ({ code = "" }: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || code === "ECONNRESET" || isAnswering(socket)) return void socket.destroy();
    // Takes the socket from the parser, which would judge the rest too.
    socket.removeAllListeners("data");
    socket.on("data", () => undefined);
    socket.on("error", () => undefined);
    socket.end(`HTTP/1.1 ${answers[code] ?? "400 Bad Request"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
}
