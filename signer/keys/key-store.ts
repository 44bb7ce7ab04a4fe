/** What holds private keys: one interface for all kinds of stores, and when a key may stand for what was asked for. */
import type { KeyBackend } from "#shared/kernel/key-backend";
import type { KeySpec } from "#shared/ports/signer";

export interface StoredKey {
  /** As the key was made. */
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export type Taken = (spki: Uint8Array) => boolean | Promise<boolean>;

/** Keys made before there was a choice are sealed. */
export const backendOf = ({ backend = "sealed" }: Pick<KeySpec, "backend">): KeyBackend => backend;

export interface KeyStore {
  /**
   * Makes and stores a key; durable when it returns. A key that is there already is given back and never written over: it
   * was made just before a crash.
   * @param taken whether a handle has this public key (SubjectPublicKeyInfo, DER), for a store whose keys are there before
   * @throws Failure `conflict` when that was made for something else, or where no key is left; `guard_refused` for what
   * the store has no keys of
   */
  create(spec: KeySpec, taken: Taken): Promise<StoredKey>;
  /**
   * Has a key ready for `open`, `sign` and `decrypt`.
   * @returns undefined when it is ready: then nobody waits, and it stays so for this turn
   * @param key as the journal has it; a store may hold what it finds and signs against the public key
   * @throws Failure `corrupt`, `misconfigured`, `unavailable` by the promise
   */
  load(key: StoredKey): Promise<void> | undefined;
  /** Makes sure that a key which is ready can sign, if it is asked to in this turn. @throws Failure `overloaded` */
  open(key: StoredKey): void;
  sign(key: StoredKey, data: Uint8Array): Promise<Uint8Array>;
  /** @returns `keyBytes` octets, whatever the padding was; see `key-transport.ts` */
  decrypt(key: StoredKey, ciphertext: Uint8Array, keyBytes: number): Promise<Uint8Array>;
}

const asked = ({ tenant, handle, algorithm, purpose, limits }: KeySpec): readonly unknown[] => [
  tenant,
  handle,
  algorithm,
  purpose,
  limits.maxLeafSeconds ?? null,
  limits.ratePerSecond ?? null,
  limits.permittedDns ?? null,
  limits.issuerHandle ?? null,
  // Absent and not null: keys from before there was such a limit are bound to their text without it.
  ...(limits.permittedIps === undefined ? [] : [limits.permittedIps]),
];

/** The whole spec as one text. */
export const canonicalSpec = (spec: KeySpec): string =>
  JSON.stringify([...asked(spec), spec.limits.revocationBaseUrl ?? null]);

/** What a key was made for, as a text: equal for those that may be given for each other in one store. */
export const madeFor = (spec: KeySpec): string => JSON.stringify(asked(spec));

/** True when who asks for one can be given the other: of the base URL the first one counts. */
export const sameSpec = (a: KeySpec, b: KeySpec): boolean => backendOf(a) === backendOf(b) && madeFor(a) === madeFor(b);
