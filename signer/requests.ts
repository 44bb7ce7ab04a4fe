/** What a request that is not done hears, and the journal says: the same words wherever the signer runs. */
import { Failure } from "#shared/kernel/failure";
import { type DecryptRequest, type KeySpec, refusalWords, signedTypes, type SignRequest } from "#shared/ports/signer";
import type { Refused } from "./refusals.ts";

/** How the journal names it. */
export const decryption = ({ tenant, handle }: DecryptRequest): Refused => ({
  tenant,
  handle,
  opId: "-",
  type: "decrypt",
});

/** The spec may be none. */
export const makingOf = (spec: KeySpec): Refused => {
  const { tenant, handle } = (spec ?? {}) as Partial<KeySpec>;
  return { tenant, handle, opId: "-", type: "key" };
};

export const noKey = ({ tenant, handle }: { readonly tenant: string; readonly handle: string }): Failure =>
  new Failure("guard_refused", `the signer refuses: tenant ${tenant} has no key ${handle}`);

/** @returns undefined when it is served */
export const unserved = ({ type }: SignRequest): Failure | undefined =>
  signedTypes.includes(type)
    ? undefined
    : new Failure("guard_refused", `the signer refuses: it signs no ${String(type)}`);

export const otherRequest = (): Failure =>
  new Failure("guard_refused", `the signer refuses: this operation ${refusalWords.signedBefore}`);

export const otherSpec = ({ handle }: KeySpec): Failure =>
  new Failure("conflict", `key ${handle} exists with another algorithm, purpose, limits or backend`);

export const tooManyKeys = (): Failure =>
  new Failure("overloaded", "more keys were made in this minute than anybody needs; try again", { retryAfter: 60 });

const refusing: ReadonlySet<string> = new Set(["guard_refused", "conflict", "overloaded"]);

/** What says no to a key; the rest is trouble of our own. */
export const refusesKey = (error: unknown): boolean => error instanceof Failure && refusing.has(error.code);

/** Keys a minute: an issuer needs two, and a responder every month. */
export const mostNewKeys = { each: 200, all: 2_000 };
