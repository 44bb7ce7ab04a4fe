/**
 * What the signer knows of a key beyond its spec: everything it learnt from what the key's tenant had it sign. It is
 * rebuilt from the journal at start, so nobody outside can tell the guard what to believe.
 */
import type { KeySpec } from "#shared/ports/signer";

export interface KeyState {
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, DER, and its SHA-1 key identifier. */
  readonly spki: Uint8Array;
  readonly keyBits: Uint8Array;
  readonly keyId: Uint8Array;
  /** CA keys: learnt when the first certificate for this key was signed. */
  ca: CaBinding | undefined;
  /** Last CRL by distribution point URL. */
  readonly crls: Map<string, CrlState>;
}

export interface CaBinding {
  readonly subjectDer: Uint8Array;
  readonly notAfterMs: number;
}

export interface CrlState {
  readonly number: bigint;
  /** Lower-case hex. */
  readonly serials: ReadonlySet<string>;
}

/** Finds any key of the signer by what stands in a certificate. */
export interface KeyLookup {
  bySpki(spki: Uint8Array): KeyState | undefined;
  byHandle(tenant: string, handle: string): KeyState | undefined;
}
