/** The `Signer` port over the signer's socket. Reconnects on its own; what was in flight fails as `unavailable`. */
import { connect, type Socket } from "node:net";
import { Failure } from "#shared/kernel/failure";
import type { Signer } from "#shared/ports/signer";
import { type SignerMethod, signerOver } from "#shared/ports/signer-calls";
import { encodeFrame, type Frame, frameWriter, readFrames } from "./frames.ts";

const answerDeadlineMs = 10_000;
const maxInFlight = 4096;

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

export interface SignerClient extends Signer {
  close(): void;
}

const down = (cause?: unknown): Failure =>
  new Failure("unavailable", "the signer is not answering; it is restarted automatically, try again", {
    retryAfter: 1,
    cause,
  });

interface Connection {
  readonly socket: Socket;
  readonly write: (frame: Buffer) => void;
  /** Calls that were sent over it, by their id: they live and fail with it. */
  readonly waiting: Map<number, Waiting>;
}

export function connectSigner(socketPath: string): SignerClient {
  let connection: Connection | undefined;
  const connections = new Set<Connection>();
  let nextId = 1;

  function connected(): Connection {
    if (connection !== undefined) return connection;
    const socket = connect(socketPath);
    const waiting = new Map<number, Waiting>();
    const opened: Connection = { socket, write: frameWriter(socket), waiting };
    connection = opened;
    connections.add(opened);
    readFrames(socket, (frame) => {
      const id = frame.header["id"] as number;
      waiting.get(id)?.resolve(frame);
      waiting.delete(id);
    });
    const lost = (cause?: unknown): void => {
      if (connection === opened) connection = undefined;
      connections.delete(opened);
      for (const { reject } of waiting.values()) reject(down(cause));
      waiting.clear();
    };
    socket.on("error", lost);
    socket.on("close", () => lost());
    return opened;
  }

  // One timer for all: a timer for each call would be a tenth of the cost of a signature.
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const { waiting } of connections) {
      for (const [id, { deadline, reject }] of waiting) {
        if (deadline > now) continue;
        waiting.delete(id);
        reject(down());
      }
    }
  }, 1000);
  sweep.unref();

  async function call(method: SignerMethod, fields: object, payload?: Uint8Array): Promise<Frame> {
    const { waiting, write } = connected();
    if (waiting.size >= maxInFlight)
      throw new Failure("overloaded", "too many signatures are in work", { retryAfter: 1 });
    const id = nextId++;
    return new Promise<Frame>((resolve, reject) => {
      waiting.set(id, { resolve, reject, deadline: performance.now() + answerDeadlineMs });
      write(encodeFrame({ id, method, ...fields }, payload));
    });
  }

  return {
    ...signerOver(call),

    close() {
      clearInterval(sweep);
      for (const { socket } of connections) socket.destroy();
    },
  };
}
