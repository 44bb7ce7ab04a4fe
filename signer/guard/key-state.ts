/**
 * What the signer knows of a key beyond its spec: everything it learnt from what the key's tenant had it sign. It is
 * rebuilt from the journal at start, so nobody outside can tell the guard what to believe.
 */
import type { Name } from "#shared/pki/name";
import type { KeySpec } from "#shared/ports/signer";
import type { Tree } from "#shared/tlog/proofs";
import type { FingerprintMap } from "#shared/crypto/fingerprints";
import type { CrlState } from "./crl-memory.ts";

export interface KeyState {
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, DER, and its SHA-1 key identifier. */
  readonly spki: Uint8Array;
  readonly keyBits: Uint8Array;
  readonly keyId: Uint8Array;
  /** Under which its status services are found. */
  readonly issuerId: string;
  /** CA keys: learnt when the first certificate for this key was signed. */
  ca: CaBinding | undefined;
  /** RA keys: learnt when their one certificate was signed. */
  ra: RaBinding | undefined;
  /**
   * CA keys: when each certificate that it signed ends, in seconds since 1970, by serial number in lower-case hex; another
   * serial number that is taken for one of them is refused.
   */
  readonly issued: FingerprintMap;
  /** By distribution point URL. */
  readonly crls: Map<string, CrlState>;
  /** Checkpoint keys: the largest tree that was signed. */
  checkpoint: Tree | undefined;
  /**
   * Numbers of CRLs lie above this: 0, or the moment of the last restore in milliseconds. What was signed after the backup is
   * forgotten, but it was numbered from below and by far less than one in a millisecond.
   */
  crlFloor: bigint;
}

export interface CaBinding {
  readonly subjectDer: Uint8Array;
  readonly notAfterMs: number;
}

export interface RaBinding {
  readonly subjectDer: Uint8Array;
  readonly notAfterMs: number;
}

/** Whether the certificate, one that this key has signed, ended before that moment. */
export function isOver({ issued }: KeyState, serial: string, atMs: number): boolean {
  const notAfter = issued.get(serial);
  return notAfter !== undefined && notAfter * 1000 < atMs;
}

/** Finds any key of the signer by what stands in a certificate. */
export interface KeyLookup {
  /** By the content of the BIT STRING: one key may be named by several algorithms (RFC 4055 1.2). */
  byKeyBits(keyBits: Uint8Array): KeyState | undefined;
  byHandle(tenant: string, handle: string): KeyState | undefined;
  /** CA keys by their bound names; see `caNameKey`. */
  readonly caNames: Map<string, KeyState>;
}

/**
 * Equal for names that a relying party may take for one (RFC 5280 7.1: letter case and blanks do not count), whatever
 * string types they are encoded in.
 */
export const caNameKey = (tenant: string, name: Name): string =>
  JSON.stringify([
    tenant,
    ...name.map((rdn) =>
      rdn
        .map(({ type, value }) => `${type}=${value.normalize("NFKC").toLowerCase().trim().replaceAll(/\s+/g, " ")}`)
        .sort(),
    ),
  ]);
