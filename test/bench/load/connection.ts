/**
 * One keep-alive connection, HTTP/1.1, one request at a time. Node's own client costs about as much as the host's answer;
 * on a machine with two cores that would be measured too.
 */
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Target } from "./protocol.ts";

export interface Answer {
  readonly status: number;
  /** Status line and header fields, in lower case. */
  readonly head: string;
  /** The same as they were sent. */
  readonly fields: string;
  readonly body: Buffer;
}

export interface Connection {
  /** @throws when the connection ends or the answer is none */
  exchange(message: Buffer): Promise<Answer>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const headEnd = Buffer.from("\r\n\r\n");

export function openConnection({ protocol, port, ca }: Target): Promise<Connection> {
  const place = { host: "127.0.0.1", port, noDelay: true };
  const socket =
    protocol === "https"
      ? connectTls({ ...place, servername: "localhost", ...(ca !== undefined && { ca }) })
      : connectTcp(place);
  let waiting: Waiting | undefined;
  let pending: Buffer = Buffer.alloc(0);

  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let read: { readonly answer: Answer; readonly length: number } | undefined;
    try {
      read = readAnswer(pending);
    } catch (error) {
      socket.destroy(error as Error);
      return;
    }
    if (read === undefined) return;
    pending = pending.subarray(read.length);
    const current = waiting;
    waiting = undefined;
    current?.resolve(read.answer);
  });

  const ended = (error?: Error): void => {
    waiting?.reject(error ?? new Error("the host closed the connection"));
    waiting = undefined;
  };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(protocol === "https" ? "secureConnect" : "connect", () => {
      socket.off("error", reject);
      socket.on("error", ended);
      socket.on("close", () => ended());
      resolve({
        exchange: (message) =>
          new Promise<Answer>((answered, failed) => {
            waiting = { resolve: answered, reject: failed };
            if (socket.destroyed) ended();
            else socket.write(message);
          }),
        close: () => socket.destroy(),
      });
    });
  });
}

/** @returns undefined until the whole answer is there. @throws for a form that the host does not use */
function readAnswer(bytes: Buffer): { readonly answer: Answer; readonly length: number } | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const fields = bytes.toString("latin1", 0, end);
  const head = fields.toLowerCase();
  const status = Number(head.slice(9, 12));
  const start = end + headEnd.length;
  if (status === 204) return { answer: { status, head, fields, body: Buffer.alloc(0) }, length: start };
  const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? [];
  if (length !== undefined) {
    const stop = start + Number(length);
    if (bytes.length < stop) return undefined;
    return { answer: { status, head, fields, body: bytes.subarray(start, stop) }, length: stop };
  }
  if (!head.includes("\r\ntransfer-encoding: chunked")) throw new Error(`an answer without a length: ${head}`);
  const chunks = readChunks(bytes, start);
  return chunks && { answer: { status, head, fields, body: chunks.body }, length: chunks.end };
}

/** RFC 9112 7.1, without extensions and trailers. */
function readChunks(bytes: Buffer, start: number): { readonly body: Buffer; readonly end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    const stop = line + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error("a broken chunk");
    if (bytes.length < stop) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end: stop };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = stop;
  }
}
