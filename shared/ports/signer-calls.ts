/** How the signer's methods are asked from another process: a header in JSON and bytes beside it, there and back. */
import { base64, fromBase64, utf8Text } from "#shared/kernel/bytes";
import { Failure, failureCodes } from "#shared/kernel/failure";
import type { JournalRecord, PublicKey, Signer } from "./signer.ts";

/** What is allowed, and nothing else. */
export const signerMethods = [
  "generateKey",
  "sign",
  "decrypt",
  "journal",
  "health",
] as const satisfies readonly (keyof Signer)[];
export type SignerMethod = (typeof signerMethods)[number];

/** A question has `method` in its header, an answer `ok`. */
export interface SignerFrame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

/** Carries one question to the signer and its answer back. @throws Failure `unavailable` */
export type SignerCall = (method: SignerMethod, fields: object, payload?: Uint8Array) => Promise<SignerFrame>;

interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly retryAfter: number;
  readonly place: string;
}

/** @throws the Failure that the signer answered with */
export function accepted(answer: SignerFrame): SignerFrame {
  if (answer.header["ok"] === true) return answer;
  const { code, detail, retryAfter, place } = answer.header as Partial<Refused>;
  const known = failureCodes.find((candidate) => candidate === code) ?? "internal";
  throw new Failure(known, detail ?? "the signer failed", {
    ...(retryAfter !== undefined && { retryAfter }),
    place,
  });
}

/** The port over whatever carries its calls. */
export function signerOver(carry: SignerCall): Signer {
  const call: SignerCall = async (...question) => accepted(await carry(...question));
  return {
    async generateKey(spec) {
      const { header } = await call("generateKey", { spec });
      const {
        ok: _ok,
        id: _id,
        spki,
        ...key
      } = header as { ok: true; id?: number; spki: string } & Omit<PublicKey, "spki">;
      return { ...key, spki: fromBase64(spki) };
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
      return JSON.parse(utf8Text(payload)) as JournalRecord[];
    },

    async health() {
      await call("health", {});
    },
  };
}
