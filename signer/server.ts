/** Frames in, frames out: the methods of the `Signer` port and nothing else. */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { base64, fromBase64, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { DecryptRequest, KeySpec, SignRequest } from "#shared/ports/signer";
import { encodeFrame, type Frame, frameWriter, readFrames } from "./client/frames.ts";
import type { Refused } from "./refusals.ts";
import type { SignerService } from "./service.ts";

interface Answer {
  readonly header: object;
  readonly payload?: Uint8Array;
}

type Method = (service: SignerService, frame: Frame) => Promise<Answer>;

/** What goes into the journal as it came. */
const word = /^[\x21-\x7e]{1,300}$/;
/** Its journal record, in base64, must fit in a frame. */
const maxTbsBytes = 8 * 1024 * 1024;

/** More than a tree of 2^63 leaves has levels, twice. */
const maxProof = 128;

/** @throws Failure `malformed` */
function hashes(value: unknown): Uint8Array[] {
  const given: unknown[] = Array.isArray(value) ? value : [undefined];
  const decoded = given.slice(0, maxProof + 1).map((one) => fromBase64(typeof one === "string" ? one : ""));
  if (decoded.length > maxProof || decoded.some(({ length }) => length !== 32))
    throw new Failure("malformed", `sign: proof must be at most ${maxProof} SHA-256 hashes in base64`);
  return decoded;
}

/** @throws Failure `malformed` */
const textsOf =
  ({ header }: Frame, method: string) =>
  (name: string): string => {
    const value = header[name];
    if (typeof value !== "string" || !word.test(value))
      throw new Failure("malformed", `${method}: ${name} must be 1 to 300 visible ASCII characters`);
    return value;
  };

/** @throws Failure `malformed`, `too_large` */
function signRequest(frame: Frame): SignRequest {
  const { header, payload } = frame;
  const text = textsOf(frame, "sign");
  if (payload.length > maxTbsBytes)
    throw new Failure("too_large", `sign: ${payload.length} bytes, at most ${maxTbsBytes} are signed`);
  return {
    opId: text("opId"),
    tenant: text("tenant"),
    handle: text("handle"),
    type: text("type") as SignRequest["type"],
    profile: text("profile"),
    requestHash: text("requestHash"),
    tbs: payload,
    ...(header["proof"] !== undefined && { proof: hashes(header["proof"]) }),
  };
}

/** @throws Failure `malformed` */
function decryptRequest(frame: Frame): DecryptRequest {
  const text = textsOf(frame, "decrypt");
  const { keyBytes } = frame.header;
  if (!Number.isSafeInteger(keyBytes)) throw new Failure("malformed", "decrypt: keyBytes must be a whole number");
  return {
    tenant: text("tenant"),
    handle: text("handle"),
    keyBytes: keyBytes as number,
    ciphertext: frame.payload,
  };
}

/** What a frame says of itself that is no request of ours; its method stands for the type. */
const claimed = ({ header }: Frame): Refused => ({
  tenant: header["tenant"],
  handle: header["handle"],
  opId: header["opId"],
  type: header["method"],
});

const methods: Readonly<Record<string, Method>> = {
  async generateKey(service, { header }) {
    const { spki, ...key } = await service.generateKey(header["spec"] as KeySpec);
    return { header: { ...key, spki: base64(spki) } };
  },

  async sign(service, frame) {
    let request: SignRequest;
    try {
      request = signRequest(frame);
    } catch (error) {
      return service.refuse(claimed(frame), error);
    }
    const { tbs, signature } = await service.sign(request);
    const answer = sameBytes(tbs, request.tbs) ? [signature] : [signature, tbs];
    return { header: { signatureLength: signature.length }, payload: Buffer.concat(answer) };
  },

  async decrypt(service, frame) {
    let request: DecryptRequest;
    try {
      request = decryptRequest(frame);
    } catch (error) {
      return service.refuse(claimed(frame), error);
    }
    return { header: {}, payload: await service.decrypt(request) };
  },

  async journal(service, frame) {
    const { tenant, after, limit } = frame.header as { tenant?: unknown; after?: unknown; limit?: unknown };
    if (
      typeof tenant !== "string" ||
      !word.test(tenant) ||
      !Number.isSafeInteger(after) ||
      !Number.isSafeInteger(limit)
    )
      return service.refuse(claimed(frame), new Failure("malformed", "journal: tenant, after, limit"));
    const records = await service.journal(tenant, after as number, Math.min(Math.max(limit as number, 1), 1000));
    return { header: {}, payload: Buffer.from(JSON.stringify(records)) };
  },

  async health(service) {
    await service.health();
    return { header: {} };
  },
};

async function answer(service: SignerService, frame: Frame): Promise<Answer> {
  const name = frame.header["method"];
  const method = typeof name === "string" && Object.hasOwn(methods, name) ? methods[name] : undefined;
  try {
    if (method === undefined)
      return await service.refuse(claimed(frame), new Failure("malformed", "the signer has no such method"));
    return { ...(await method(service, frame)) };
  } catch (error) {
    if (!(error instanceof Failure))
      process.stderr.write(
        `${JSON.stringify({ level: "error", process: "signer", error: error instanceof Error ? error.stack : String(error) })}\n`,
      );
    const { code, message, retryAfter } =
      error instanceof Failure ? error : new Failure("internal", "the signer failed; see its log");
    return { header: { ok: false, code, detail: message, retryAfter } };
  }
}

/** Listens on a Unix socket whose directory belongs to its owner alone (0700): Node has no SO_PEERCRED. */
export async function serveSigner(service: SignerService, socketPath: string): Promise<Server> {
  const server = createServer((socket: Socket) => {
    const send = frameWriter(socket);
    socket.on("error", () => socket.destroy());
    readFrames(socket, (frame) => {
      const { id } = frame.header;
      // It is said again in the answer, so nothing but a number.
      if (!Number.isSafeInteger(id) || (id as number) < 0) return void socket.destroy();
      void answer(service, frame).then(({ header, payload }) => {
        if (!socket.destroyed) send(encodeFrame({ id, ok: true, ...header }, payload));
      });
    });
  });
  rmSync(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}
