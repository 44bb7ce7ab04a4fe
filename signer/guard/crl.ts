import { sameBytes } from "#shared/kernel/bytes";
import { buildTbsCertList, parseTbsCertList } from "#shared/pki/crl";
import { oids } from "#shared/pki/oids";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { assertExact, assertOwnUrls, type GuardInput, type Learn, ownShard, refuse } from "./decision.ts";
import type { KeyState } from "./key-state.ts";
import { entryFacts, learnCrl } from "./learn.ts";
import { maxCrlMs, skewMs } from "./moments.ts";

type CertList = ReturnType<typeof parseTbsCertList>;

const extensions = new Set<string>([oids.authorityKeyIdentifier, oids.cRLNumber, oids.issuingDistributionPoint]);
/** A number that ran ahead could not be followed by any other one day (RFC 5280 5.2.3: 20 octets at most). */
const maxStep = 1000n;

/** CRL numbers rise and entries stay, for each distribution point by itself (RFC 5280 5.2.3, 5.3). */
export function guardCrl({ key, tbs, now }: GuardInput): Learn {
  const crl = parseTbsCertList(tbs);
  const expected = keyAlgorithms[key.spec.algorithm].signatureAlgorithm;
  if (crl.signatureAlgorithm !== expected)
    return refuse(`the CRL names ${crl.signatureAlgorithm}, the key signs ${expected}`);
  if (key.ca === undefined) return refuse(`key ${key.spec.handle} has no CA certificate yet`);
  if (!sameBytes(crl.issuerDer, key.ca.subjectDer)) return refuse("the CRL's issuer is not this key's CA");
  if (crl.aki === undefined || !sameBytes(crl.aki, key.keyId))
    return refuse("the CRL's authority key identifier is not this key's");
  if (crl.deltaBase !== undefined) return refuse("delta CRLs are not served");
  const point = crl.idpUrl ?? refuse("a CRL must name its distribution point");
  for (const oid of crl.extensions.keys())
    if (!extensions.has(oid)) return refuse(`CRL extension ${oid} is not on the list of what is signed`);
  assertOnlyWhatIsServed(tbs, crl, point);
  assertOwnUrls([point], key);
  if (ownShard(point, key) === undefined) return refuse(`${point} is no CRL of this issuer`);
  if (Math.abs(crl.thisUpdateMs - now) > skewMs) return refuse("thisUpdate is not now");
  if (crl.nextUpdateMs <= crl.thisUpdateMs || crl.nextUpdateMs - crl.thisUpdateMs > maxCrlMs)
    return refuse("nextUpdate is more than 10 days away");
  assertFollows(crl, key, point);
  return () => learnCrl(key, crl);
}

/** No scope but the URL, of entries nothing but the reason: no indirect CRL, no invalidity date, no unknown extension. */
function assertOnlyWhatIsServed(tbs: Uint8Array, crl: CertList, point: string): void {
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
        entries: crl.entries.map(({ serialHex, ...entry }) => ({ ...entry, serial: serialHex })),
      }),
    "the CRL holds more than numbers, dates, reasons and one distribution point",
  );
}

function assertFollows(crl: CertList, { crls, crlFloor }: KeyState, point: string): void {
  const last = crls.get(point);
  const before = last !== undefined && last.number > crlFloor ? last.number : crlFloor;
  if (crl.number <= before) refuse(`CRL number ${crl.number} does not follow ${before}`);
  if (crl.number > before + maxStep) refuse(`CRL number ${crl.number} runs more than ${maxStep} ahead of ${before}`);
  const facts = new Map(crl.entries.map((entry) => [entry.serialHex, entryFacts(entry)]));
  for (const [serial, before] of last?.entries ?? []) {
    const after = facts.get(serial);
    if (after === undefined) refuse(`the entry of certificate ${serial} vanished`);
    if (after !== before) refuse(`the entry of certificate ${serial} has another date or reason than before`);
  }
}
