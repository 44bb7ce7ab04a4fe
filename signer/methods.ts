/** Frames in, frames out, whatever carries them: the methods of the `Signer` port and nothing else. */
import { base64, fromBase64, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { DecryptRequest, KeySpec, SignRequest } from "#shared/ports/signer";
import type { SignerFrame, SignerMethod } from "#shared/ports/signer-calls";
import type { Refused } from "./refusals.ts";
import type { SignerService } from "./service.ts";

export interface Answer {
  readonly header: object;
  readonly payload?: Uint8Array;
}

type Served = Omit<SignerService, "flush" | "remember">;
type Method = (service: Served, frame: SignerFrame, maxTbs: MaxTbs) => Promise<Answer>;

/** What is too large, and what then. */
export interface MaxTbs {
  readonly bytes: number;
  readonly way: string;
}

/** What goes into the journal as it came. */
const word = /^[\x21-\x7e]{1,300}$/;
/** Its journal record, in base64, must fit in a frame. */
const frameTbs: MaxTbs = { bytes: 8 * 1024 * 1024, way: "" };

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
  ({ header }: SignerFrame, method: string) =>
  (name: string): string => {
    const value = header[name];
    if (typeof value !== "string" || !word.test(value))
      throw new Failure("malformed", `${method}: ${name} must be 1 to 300 visible ASCII characters`);
    return value;
  };

/** @throws Failure `malformed`, `too_large` */
function signRequest(frame: SignerFrame, maxTbs: MaxTbs): SignRequest {
  const { header, payload } = frame;
  const text = textsOf(frame, "sign");
  if (payload.length > maxTbs.bytes)
    throw new Failure("too_large", `sign: ${payload.length} bytes, at most ${maxTbs.bytes} are signed${maxTbs.way}`);
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
function decryptRequest(frame: SignerFrame): DecryptRequest {
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
const claimed = ({ header }: SignerFrame): Refused => ({
  tenant: header["tenant"],
  handle: header["handle"],
  opId: header["opId"],
  type: header["method"],
});

const methods: Readonly<Record<SignerMethod, Method>> = {
  async generateKey(service, { header }) {
    const { spki, ...key } = await service.generateKey(header["spec"] as KeySpec);
    return { header: { ...key, spki: base64(spki) } };
  },

  async sign(service, frame, maxTbs) {
    let request: SignRequest;
    try {
      request = signRequest(frame, maxTbs);
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

/** @returns what goes back, refusals included; it never throws */
export async function answer(service: Served, frame: SignerFrame, maxTbs = frameTbs): Promise<Answer> {
  const name = frame.header["method"];
  const method = typeof name === "string" && Object.hasOwn(methods, name) ? methods[name as SignerMethod] : undefined;
  try {
    if (method === undefined)
      return await service.refuse(claimed(frame), new Failure("malformed", "the signer has no such method"));
    const { header, payload } = await method(service, frame, maxTbs);
    return { header: { ok: true, ...header }, ...(payload !== undefined && { payload }) };
  } catch (error) {
    if (!(error instanceof Failure))
      process.stderr.write(
        `${JSON.stringify({ level: "error", process: "signer", error: error instanceof Error ? error.stack : String(error) })}\n`,
      );
    const { code, message, retryAfter, place } =
      error instanceof Failure ? error : new Failure("internal", "the signer failed; see its log");
    return { header: { ok: false, code, detail: message, retryAfter, place } };
  }
}
