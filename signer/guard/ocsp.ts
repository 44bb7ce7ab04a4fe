import { sha1, sha256 } from "#shared/crypto/hash";
import { sameBytes } from "#shared/kernel/bytes";
import { parseTbsResponseData } from "#shared/pki/ocsp";
import { type GuardInput, type Learn, nothingLearnt, refuse } from "./decision.ts";
import type { KeyState } from "./key-state.ts";
import { maxOcspMs, skewMs } from "./moments.ts";

const digests: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = { sha1, sha256 };

/** A delegated key answers for the one CA that it was made for. */
export function guardOcsp({ key, keys, tbs, now }: GuardInput): Learn {
  const data = parseTbsResponseData(tbs);
  if (!sameBytes(data.responderKeyHash, key.keyId)) return refuse("the responder id is not this key's");
  const issuer = keys.byHandle(key.spec.tenant, key.spec.limits.issuerHandle ?? "");
  if (issuer?.ca === undefined) return refuse("the CA that this responder answers for has no certificate yet");
  if (Math.abs(data.producedAtMs - now) > skewMs) return refuse("producedAt is not now");
  if (data.responses.length === 0) return refuse("a response without an answer");
  for (const { certId, status, thisUpdateMs, nextUpdateMs } of data.responses) {
    const digest = Object.hasOwn(digests, certId.hashAlgorithm) ? digests[certId.hashAlgorithm] : undefined;
    if (digest === undefined) return refuse(`CertID hash ${certId.hashAlgorithm} is not served`);
    if (
      !sameBytes(certId.issuerNameHash, digest(issuer.ca.subjectDer)) ||
      !sameBytes(certId.issuerKeyHash, digest(issuer.keyBits))
    ) {
      return refuse("the response speaks for a foreign issuer");
    }
    if (thisUpdateMs > now + skewMs || nextUpdateMs <= thisUpdateMs || nextUpdateMs - now > maxOcspMs)
      return refuse("the response's times are outside the limits");
    if (status.type === "good" && !issuer.issued.has(certId.serialHex))
      return refuse(`certificate ${certId.serialHex} was never signed by this CA and cannot be good`);
    if (status.type !== "revoked" && isOnCrl(issuer, certId.serialHex))
      return refuse(`certificate ${certId.serialHex} is on the CRL and cannot be ${status.type}`);
  }
  return nothingLearnt;
}

function isOnCrl({ crls }: KeyState, serial: string): boolean {
  for (const { entries } of crls.values()) if (entries.has(serial)) return true;
  return false;
}
