/** The `Signer` port over the signer's socket. Reconnects on its own; what was in flight fails as `unavailable`. */
import { connect, type Socket } from "node:net";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure, type FailureCode, failureCodes } from "#shared/kernel/failure";
import type { JournalRecord, PublicKey, Signer } from "#shared/ports/signer";
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

  async function call(method: string, fields: object, payload?: Uint8Array): Promise<Frame> {
    const { waiting, write } = connected();
    if (waiting.size >= maxInFlight)
      throw new Failure("overloaded", "too many signatures are in work", { retryAfter: 1 });
    const id = nextId++;
    const frame = await new Promise<Frame>((resolve, reject) => {
      waiting.set(id, { resolve, reject, deadline: performance.now() + answerDeadlineMs });
      write(encodeFrame({ id, method, ...fields }, payload));
    });
    if (frame.header["ok"] === true) return frame;
    const { code, detail, retryAfter } = frame.header as { code?: string; detail?: string; retryAfter?: number };
    const known = failureCodes.find((candidate): candidate is FailureCode => candidate === code) ?? "internal";
    throw new Failure(known, detail ?? "the signer failed", retryAfter === undefined ? {} : { retryAfter });
  }

  return {
    async generateKey(spec) {
      const { header } = await call("generateKey", { spec });
      const { spki, algorithm, signatureAlgorithm, limits, backend } = header as { spki: string } & Omit<
        PublicKey,
        "spki"
      >;
      return { spki: fromBase64(spki), algorithm, signatureAlgorithm, limits, backend };
    },

    async sign({ tbs, proof, ...request }) {
      const fields = proof === undefined ? request : { ...request, proof: proof.map(base64) };
      const { header, payload } = await call("sign", fields, tbs);
      const signatureLength = header["signatureLength"] as number;
      const signature = payload.subarray(0, signatureLength);
      // The signer sends the TBS back only when it is not the one that was asked for.
      return { signature, tbs: payload.length > signatureLength ? payload.subarray(signatureLength) : tbs };
    },

    async decrypt({ ciphertext, ...request }) {
      const { payload } = await call("decrypt", request, ciphertext);
      return payload;
    },

    async journal(tenant, after, limit) {
      const { payload } = await call("journal", { tenant, after, limit });
      return JSON.parse(Buffer.from(payload).toString("utf8")) as JournalRecord[];
    },

    async health() {
      await call("health", {});
    },

    close() {
      clearInterval(sweep);
      for (const { socket } of connections) socket.destroy();
    },
  };
}
