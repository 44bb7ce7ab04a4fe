import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { KeyLookup, KeyState } from "./key-state.ts";

export interface GuardInput {
  readonly key: KeyState;
  readonly keys: KeyLookup;
  /** What is to be signed, DER; from a caller that may be hostile. */
  readonly tbs: Uint8Array;
  /** Milliseconds, by the signer's own clock. */
  readonly now: number;
}

/** Applies what signing teaches the signer; run in the same turn as the decision. */
export type Learn = () => void;

export const nothingLearnt: Learn = () => undefined;

export function refuse(reason: string): never {
  throw new Failure("guard_refused", `the signer refuses: ${reason}`);
}

/**
 * What was understood, encoded again, must be the very bytes: so nothing that the reader passes over is signed.
 * @param encode throws when what was understood cannot be encoded
 */
export function assertExact(bytes: Uint8Array, encode: () => Uint8Array, reason: string): void {
  let again: Uint8Array;
  try {
    again = encode();
  } catch {
    return refuse(reason);
  }
  if (!sameBytes(bytes, again)) refuse(reason);
}

/** Status services are where the key was made to say that they are, and nowhere else. */
export function assertOwnUrls(urls: readonly string[], { spec: { handle, limits } }: KeyState): void {
  const base = limits.revocationBaseUrl;
  for (const url of urls) {
    if (base === undefined) refuse(`key ${handle} was made without a base URL and signs none, not ${url}`);
    else if (!url.startsWith(`${base}/`)) refuse(`${url} is not below ${base}`);
  }
}
