import { sameBytes } from "#shared/kernel/bytes";
import { parseTbsCertList } from "#shared/pki/crl";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { type GuardInput, type Learn, refuse } from "./decision.ts";
import { learnCrl } from "./learn.ts";
import { maxStatusMs, skewMs } from "./moments.ts";

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
  if (Math.abs(crl.thisUpdateMs - now) > skewMs) return refuse("thisUpdate is not now");
  if (crl.nextUpdateMs <= crl.thisUpdateMs || crl.nextUpdateMs - crl.thisUpdateMs > maxStatusMs)
    return refuse("nextUpdate is more than 10 days away");
  const last = key.crls.get(point);
  if (last !== undefined && crl.number <= last.number)
    return refuse(`CRL number ${crl.number} does not follow ${last.number}`);
  const serials = new Set(crl.entries.map((entry) => entry.serialHex));
  for (const serial of last?.serials ?? [])
    if (!serials.has(serial)) return refuse(`the entry of certificate ${serial} vanished`);
  return () => learnCrl(key, crl);
}
