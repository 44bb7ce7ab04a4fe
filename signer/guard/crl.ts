/** CRLs: numbers rise and entries stay, for each shard by itself, in complete and delta CRLs together (RFC 5280 5.2.3, 5.2.4). */
import { sameBytes } from "#shared/kernel/bytes";
import { buildTbsCertList, parseTbsCertList, type TbsCertList } from "#shared/pki/crl";
import { oids } from "#shared/pki/oids";
import { revocationUrls } from "#shared/pki/revocation-urls";
import { refusalWords } from "#shared/ports/signer";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { type CrlState, entryFacts, knownOctets, learnCrl, newCrlState } from "./crl-memory.ts";
import {
  assertExact,
  assertOwnUrls,
  type GuardInput,
  type Learn,
  nothingToUnlearn,
  ownShard,
  refuse,
  type Unlearn,
} from "./decision.ts";
import { isOver, type KeyState } from "./key-state.ts";
import { maxCrlMs, skewMs } from "./moments.ts";

const extensions = new Set<string>([
  oids.authorityKeyIdentifier,
  oids.cRLNumber,
  oids.issuingDistributionPoint,
  oids.deltaCRLIndicator,
  oids.freshestCRL,
]);
/** A number that ran ahead could not be followed by any other one day (RFC 5280 5.2.3: 20 octets at most). */
const maxStep = 1000n;

export function guardCrl({ key, tbs, now }: GuardInput): Learn {
  const crl = readCrl(key, tbs);
  const expected = keyAlgorithms[key.spec.algorithm].signatureAlgorithm;
  if (crl.signatureAlgorithm !== expected)
    return refuse(`the CRL names ${crl.signatureAlgorithm}, the key signs ${expected}`);
  if (key.ca === undefined) return refuse(`key ${key.spec.handle} has no CA certificate yet`);
  if (!sameBytes(crl.issuerDer, key.ca.subjectDer)) return refuse("the CRL's issuer is not this key's CA");
  if (crl.aki === undefined || !sameBytes(crl.aki, key.keyId))
    return refuse("the CRL's authority key identifier is not this key's");
  const point = crl.idpUrl ?? refuse("a CRL must name its distribution point");
  for (const oid of crl.extensions.keys())
    if (!extensions.has(oid)) return refuse(`CRL extension ${oid} is not on the list of what is signed`);
  assertOwnUrls([point], key);
  const shard = ownShard(point, key) ?? refuse(`${point} is no CRL of this issuer`);
  assertOnlyWhatIsServed(tbs, crl, point, shard, key);
  if (Math.abs(crl.thisUpdateMs - now) > skewMs) return refuse("thisUpdate is not now");
  if (crl.nextUpdateMs <= crl.thisUpdateMs || crl.nextUpdateMs - crl.thisUpdateMs > maxCrlMs)
    return refuse("nextUpdate is more than 10 days away");
  assertFollows(crl, key, key.crls.get(point) ?? newCrlState());
  return () => learnKeyCrl(key, crl);
}

/** Entries that the last complete CRL had in the same octets are not read again. */
export const readCrl = (key: KeyState, tbs: Uint8Array): TbsCertList =>
  parseTbsCertList(tbs, undefined, ({ idpUrl, deltaBase, list }) =>
    deltaBase === undefined ? knownOctets(key.crls.get(idpUrl ?? ""), list) : 0,
  );

/** What signing it teaches, or has taught. */
export function learnKeyCrl(key: KeyState, crl: TbsCertList): Unlearn {
  if (crl.idpUrl === undefined) return nothingToUnlearn;
  const state = key.crls.get(crl.idpUrl) ?? newCrlState();
  key.crls.set(crl.idpUrl, state);
  return learnCrl(state, crl, (serial, atMs) => isOver(key, serial, atMs));
}

/** No scope but the URL, of entries nothing but the reason: no indirect CRL, no invalidity date, no unknown extension. */
function assertOnlyWhatIsServed(tbs: Uint8Array, crl: TbsCertList, point: string, shard: number, key: KeyState): void {
  const { deltaCrlUrl } = revocationUrls(key.spec.limits.revocationBaseUrl ?? "", key.issuerId);
  assertExact(
    tbs,
    () =>
      buildTbsCertList({
        signatureAlgorithm: crl.signatureAlgorithm,
        issuerNameDer: crl.issuerDer,
        thisUpdateMs: crl.thisUpdateMs,
        nextUpdateMs: crl.nextUpdateMs,
        number: crl.number,
        authorityKeyId: crl.aki ?? new Uint8Array(0),
        distributionPointUrl: point,
        ...(crl.deltaBase !== undefined && { baseCrlNumber: crl.deltaBase }),
        // RFC 5280 5.2.6: a complete CRL says where its delta is, a delta does not.
        ...(crl.extensions.has(oids.freshestCRL) &&
          crl.deltaBase === undefined && { freshestCrlUrl: deltaCrlUrl(shard) }),
        encoded: crl.list.subarray(0, crl.knownOctets),
        entries: crl.entries.map(({ serialHex, ...entry }) => ({ ...entry, serial: serialHex })),
      }),
    "the CRL holds more than numbers, dates, reasons, one distribution point and its delta's",
  );
  // Nothing is ever on hold here (docs/design/0033), and what ended leaves without being said to.
  if (crl.entries.some(({ reason }) => reason === "removeFromCRL" || reason === "certificateHold"))
    refuse("a revocation is for ever: no hold, no removal");
}

function assertFollows(crl: TbsCertList, key: KeyState, state: CrlState): void {
  const { number } = crl;
  const before = state.number > key.crlFloor ? state.number : key.crlFloor;
  if (number > before + maxStep) refuse(`CRL number ${number} runs more than ${maxStep} ahead of ${before}`);
  if (number <= key.crlFloor || number < state.number)
    refuse(`CRL number ${number} ${refusalWords.numberTaken} ${before}`);
  const facts = new Map(crl.entries.map((entry) => [entry.serialHex, entryFacts(entry)]));
  for (const [serial, now] of facts) {
    const before = state.entries.get(serial);
    if (before !== undefined && before.facts !== now)
      refuse(`the entry of certificate ${serial} has another date or reason than before`);
  }
  if (crl.deltaBase === undefined) assertComplete(crl, key, state, facts);
  else assertDelta(crl, key, state, facts);
}

type Facts = ReadonlyMap<string, number>;

/** Every entry that there ever was, but for certificates that had ended when the complete CRL before still named them. */
function assertComplete(
  { number, knownOctets: known }: TbsCertList,
  key: KeyState,
  state: CrlState,
  facts: Facts,
): void {
  const last = state.complete;
  if (number <= state.number) refuse(`CRL number ${number} ${refusalWords.numberTaken} ${state.number}`);
  for (const [serial, { since }] of state.entries) {
    const inLast = last !== undefined && since <= last.number;
    if (facts.has(serial)) {
      if (known > 0 && inLast) refuse(`serial ${serial} comes twice`);
    } else if (!(known > 0 && inLast) && !(inLast && isOver(key, serial, last.thisUpdateMs)))
      refuse(`the entry of certificate ${serial} ${refusalWords.entryMissing}`);
  }
}

/** What its base does not say, all of it; beside a complete CRL of the same number it says what that says (5.2.4). */
function assertDelta({ number, deltaBase }: TbsCertList, key: KeyState, state: CrlState, facts: Facts): void {
  const base = Number(deltaBase);
  const last = state.complete;
  if (!state.bases.has(base)) refuse(`${refusalWords.unknownBase} ${base} on which a delta could build`);
  if (number <= BigInt(base)) refuse(`delta CRL number ${number} ${refusalWords.numberTaken} its base ${base}`);
  if (number <= state.deltaNumber) refuse(`CRL number ${number} ${refusalWords.numberTaken} ${state.number}`);
  for (const [serial, { since }] of state.entries) {
    if (since <= base || facts.has(serial)) continue;
    if (last === undefined || since > last.number || !isOver(key, serial, last.thisUpdateMs))
      refuse(`the entry of certificate ${serial} ${refusalWords.entryMissing}`);
  }
  if (number !== state.number) return;
  for (const serial of facts.keys())
    if (!state.entries.has(serial))
      refuse(
        `a delta ${refusalWords.numberTaken} CRL ${number} of its number: only the delta names certificate ${serial}`,
      );
}
