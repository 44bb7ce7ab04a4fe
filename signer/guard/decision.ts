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
