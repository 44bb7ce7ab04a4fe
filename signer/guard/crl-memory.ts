/**
 * What the signer remembers of one CRL shard: enough to hold complete and delta CRLs to each other (RFC 5280 5.2.4), and so
 * made that the order in which signatures are learnt does not matter.
 */
import { sha256Hex } from "#shared/crypto/hash";
import type { CrlEntry, TbsCertList } from "#shared/pki/crl";
import { reasonCodes } from "#shared/pki/reason";
import type { Unlearn } from "./decision.ts";

export interface EntryMemory {
  /** See `entryFacts`. */
  readonly facts: number;
  /** The lowest number of a CRL that said it: complete CRLs from there on say it too. */
  readonly since: number;
}

export interface CompleteMemory {
  readonly number: number;
  readonly thisUpdateMs: number;
  /** Octets of its entries, and their SHA-256: a successor that begins with the very same needs no second reading. */
  readonly octets: number;
  readonly sha256: string;
}

export interface CrlState {
  /** The highest of all. */
  number: bigint;
  deltaNumber: bigint;
  complete: CompleteMemory | undefined;
  /** Numbers of the last complete CRLs, on which a delta may build. */
  readonly bases: Set<number>;
  /** What all of them have said, by serial number in lower-case hex. */
  readonly entries: Map<string, EntryMemory>;
}

const maxBases = 256;

export const newCrlState = (): CrlState => ({
  number: 0n,
  deltaNumber: 0n,
  complete: undefined,
  bases: new Set(),
  entries: new Map(),
});

/** Second of revocation and reason of a CRL entry, in one number. */
export const entryFacts = ({ revokedAtMs, reason }: CrlEntry): number =>
  Math.floor(revokedAtMs / 1000) * 16 + reasonCodes[reason];

/** @returns octets at the start of the list that the newest complete CRL had as its whole list */
export function knownOctets(state: CrlState | undefined, list: Uint8Array): number {
  const last = state?.complete;
  if (last === undefined || last.octets === 0 || list.length < last.octets) return 0;
  return sha256Hex(list.subarray(0, last.octets)) === last.sha256 ? last.octets : 0;
}

/**
 * The highest number counts, and every entry that there ever was, but for those that may be forgotten.
 * @returns what frees the number again; entries stay: whoever revoked them says so in the next CRL too
 */
export function learnCrl(
  state: CrlState,
  crl: TbsCertList,
  isOver: (serial: string, atMs: number) => boolean,
): Unlearn {
  const number = Number(crl.number);
  const { number: highest, deltaNumber, complete } = state;
  const unlearn = (): void => {
    if (state.number !== crl.number) return; // another was signed meanwhile, above this one
    Object.assign(state, { number: highest, deltaNumber, complete });
    if (crl.deltaBase === undefined) state.bases.delete(number);
  };
  if (crl.number > state.number) state.number = crl.number;
  for (const entry of crl.entries) {
    const known = state.entries.get(entry.serialHex);
    const since = Math.min(known?.since ?? number, number);
    state.entries.set(entry.serialHex, { facts: entryFacts(entry), since });
  }
  if (crl.deltaBase !== undefined) {
    if (crl.number > state.deltaNumber) state.deltaNumber = crl.number;
    return unlearn;
  }
  rememberBase(state.bases, number);
  const last = state.complete;
  if (last !== undefined && last.number > number) return unlearn;
  if (last !== undefined && crl.knownOctets === 0) forgetDropped(state, crl, last, isOver);
  state.complete = {
    number,
    thisUpdateMs: crl.thisUpdateMs,
    octets: crl.list.length,
    sha256: sha256Hex(crl.list),
  };
  return unlearn;
}

function rememberBase(bases: Set<number>, number: number): void {
  bases.add(number);
  if (bases.size > maxBases) bases.delete(Math.min(...bases));
}

/** Entries of certificates that ended before the last complete CRL still named them (RFC 5280 3.3). */
function forgetDropped(
  { entries }: CrlState,
  crl: TbsCertList,
  last: CompleteMemory,
  isOver: (serial: string, atMs: number) => boolean,
): void {
  const said = new Set(crl.entries.map(({ serialHex }) => serialHex));
  for (const serial of entries.keys())
    if (!said.has(serial) && isOver(serial, last.thisUpdateMs)) entries.delete(serial);
}
