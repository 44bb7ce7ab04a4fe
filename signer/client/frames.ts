/**
 * Length-prefixed frames over a Unix socket: u32 length of the rest, u32 length of the header, header (JSON), payload.
 * Both ends cap the length, and frames written in one turn of the event loop leave in one system call.
 */
import type { Socket } from "node:net";
import type { SignerFrame } from "#shared/ports/signer-calls";

export type Frame = SignerFrame;

/** A CRL of 50,000 entries is about 2 MB. */
const maxFrameBytes = 16 * 1024 * 1024;
/** What it says is parsed before anybody asks who says it. */
const maxHeaderBytes = 64 * 1024;
const nothing = new Uint8Array(0);

export function encodeFrame(header: object, payload: Uint8Array = nothing): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const frame = Buffer.allocUnsafe(8 + json.length + payload.length);
  frame.writeUInt32BE(4 + json.length + payload.length, 0);
  frame.writeUInt32BE(json.length, 4);
  json.copy(frame, 8);
  frame.set(payload, 8 + json.length);
  return frame;
}

function headerOf(text: string): Frame["header"] {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no object");
  return value as Frame["header"];
}

/** Calls `onFrame` for each whole frame; a peer that breaks the framing is cut off. */
export function readFrames(socket: Socket, onFrame: (frame: Frame) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let at = 0;
    while (pending.length - at >= 8) {
      const length = pending.readUInt32BE(at);
      const headerLength = pending.readUInt32BE(at + 4);
      if (length < 4 || length > maxFrameBytes || headerLength > Math.min(length - 4, maxHeaderBytes)) {
        socket.destroy(new Error("broken frame"));
        return;
      }
      if (pending.length - at < 4 + length) break;
      const start = at + 8;
      const end = at + 4 + length;
      let header: Frame["header"];
      try {
        header = headerOf(pending.toString("utf8", start, start + headerLength));
      } catch {
        socket.destroy(new Error("broken frame header"));
        return;
      }
      onFrame({ header, payload: new Uint8Array(pending.subarray(start + headerLength, end)) });
      at = end;
    }
    if (at > 0) pending = pending.subarray(at);
  });
}

/** A writer that gathers what is written in one turn. */
export function frameWriter(socket: Socket): (frame: Buffer) => void {
  let corked = false;
  return (frame) => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    socket.write(frame);
  };
}
