/** What holds private keys: one interface for all kinds of stores, and when a key may stand for what was asked for. */
import type { KeySpec } from "#shared/ports/signer";

export interface StoredKey {
  /** As the key was made. */
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export interface KeyStore {
  /**
   * Makes and stores a key; durable when it returns. A key that is there already is given back and never written over: it
   * was made just before a crash.
   * @throws Failure `conflict` when that was made for something else
   */
  create(spec: KeySpec): Promise<StoredKey>;
  /**
   * Has a key ready for `open`, `sign` and `decrypt`.
   * @returns undefined when it is ready: then nobody waits, and it stays so for this turn
   * @throws Failure `corrupt`, `unavailable` by the promise
   */
  load(spec: KeySpec): Promise<void> | undefined;
  /** Makes sure that a key which is ready can sign, if it is asked to in this turn. @throws Failure `overloaded` */
  open(spec: KeySpec): void;
  sign(spec: KeySpec, data: Uint8Array): Promise<Uint8Array>;
  /** @returns `keyBytes` octets, whatever the padding was; see `key-transport.ts` */
  decrypt(spec: KeySpec, ciphertext: Uint8Array, keyBytes: number): Promise<Uint8Array>;
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
];

/** The whole spec as one text. */
export const canonicalSpec = (spec: KeySpec): string =>
  JSON.stringify([...asked(spec), spec.limits.revocationBaseUrl ?? null]);

/** True when who asks for one can be given the other: of the base URL the first one counts. */
export const sameSpec = (a: KeySpec, b: KeySpec): boolean => JSON.stringify(asked(a)) === JSON.stringify(asked(b));
