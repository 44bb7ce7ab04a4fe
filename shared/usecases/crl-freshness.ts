/** When a CRL is signed again. Pure; moments are milliseconds. */
import type { Crl, PublishedCrl } from "#shared/domain/crl/crl";

const day = 86_400_000;
export const crlValidityMs = 7 * day;
export const deltaValidityMs = 2 * day;
/** With less than this left, either is published anew. */
export const renewMs = day;
/** A delta with more entries than this is no relief any more: the next one builds on a newer base. */
export const maxDeltaEntries = 1_000;
/** The signer knows the last 256 complete CRLs; numbers that nobody saw count too. */
export const maxBaseAge = 200;
/** Up to so many entries the complete CRL follows each revocation at once; a larger one, after its delta, within a minute. */
const smallEntries = 2_000;
const maxBehindMs = 60_000;

/** In force and far from its end. After the clock was set back it may lie in the future. */
const isFresh = ({ this_update, next_update }: PublishedCrl, now: number): boolean =>
  Date.parse(this_update) <= now && Date.parse(next_update) - now > renewMs;

export const crlIsFresh = (crl: Crl, now: number): boolean => isFresh(crl, now);

/** It builds on the base that counts, and no complete CRL has overtaken it. */
export const deltaIsFresh = ({ number, base, delta }: Crl, now: number): boolean =>
  delta !== undefined && delta.base === base?.number && delta.number >= number && isFresh(delta, now);

/** Its delta names certificates that it does not. */
export const isBehind = ({ number, entries, base, delta }: Crl): boolean =>
  delta !== undefined && delta.number > number && (base?.entries ?? 0) + delta.entries > entries;

/** @param entries how many there are now */
export function isCompleteDue(crl: Crl, entries: number, now: number): boolean {
  if (!crlIsFresh(crl, now)) return true;
  return entries > crl.entries && (entries <= smallEntries || now - Date.parse(crl.this_update) >= maxBehindMs);
}
