/** What an RA key signs and opens (RFC 8894, 9810): answers to enrolments, in the name of the certificate it has. */
import { sameBytes } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { parseProtectedResponse } from "#shared/pki/cmp/protected-response";
import { certRepAttributes, parseCertRepAttributes } from "#shared/pki/scep/cert-rep-attributes";
import { contentKeyBytes, type DecryptRequest } from "#shared/ports/signer";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { assertExact, type GuardInput, type Learn, nothingLearnt, refuse } from "./decision.ts";
import type { KeyState, RaBinding } from "./key-state.ts";
import { skewMs } from "./moments.ts";

/** A key of no certificate, or of one that has ended, serves nobody. */
function inForce({ ra, spec }: KeyState, now: number): RaBinding {
  if (ra === undefined) return refuse(`key ${spec.handle} has no RA certificate yet`);
  if (now > ra.notAfterMs) return refuse(`the RA certificate of key ${spec.handle} has ended`);
  return ra;
}

/** Signed attributes of a SCEP CertRep, and of no other message. */
export function guardCertRep({ key, tbs, now }: GuardInput): Learn {
  inForce(key, now);
  const reply = parseCertRepAttributes(tbs);
  assertExact(tbs, () => certRepAttributes(reply), "the signed attributes are not as this signer would write them");
  return nothingLearnt;
}

/** A CMP response. It hands out only what its own CA has signed, and calls nobody a CA whose key is not held here. */
export function guardCmpResponse({ key, keys, tbs, now }: GuardInput): Learn {
  const { subjectDer } = inForce(key, now);
  const { header, body, certificates, caCertificates } = parseProtectedResponse(tbs);
  if (!sameBytes(header.senderDer, subjectDer))
    return refuse("the sender is not the subject of this key's certificate");
  const expected = keyAlgorithms[key.spec.algorithm].signatureAlgorithm;
  if (header.protectionAlgorithm !== expected)
    return refuse(`the message names ${header.protectionAlgorithm}, the key signs ${expected}`);
  if (header.senderKeyId !== undefined && !sameBytes(header.senderKeyId, key.keyId))
    return refuse("senderKID is not this key's");
  if (header.messageTimeMs !== undefined && Math.abs(header.messageTimeMs - now) > skewMs)
    return refuse("messageTime is not now");
  if (!header.hasRecipientNonce && body !== "error")
    return refuse("the response does not say which message it answers: recipNonce is missing");
  const issuer = keys.byHandle(key.spec.tenant, key.spec.limits.issuerHandle ?? "");
  for (const { issuerDer, serialHex } of certificates)
    if (issuer?.ca === undefined || !sameBytes(issuerDer, issuer.ca.subjectDer) || !issuer.issued.has(serialHex))
      return refuse(`certificate ${serialHex} was never signed by the CA that this key answers for`);
  for (const der of caCertificates) {
    const { key: subjectKey, subjectDer: name } = parseCertificate(der);
    const held = keys.byKeyBits(subjectKey.keyBits);
    if (held?.ca === undefined || held.spec.tenant !== key.spec.tenant || !sameBytes(held.ca.subjectDer, name))
      return refuse("caCerts names a CA that is none of this tenant's");
  }
  return nothingLearnt;
}

/** @throws Failure `guard_refused` for what says nothing of the padding: anybody can see it without the key */
export function guardDecrypt(key: KeyState, { ciphertext, keyBytes }: DecryptRequest, now: number): void {
  const { purpose, handle, algorithm } = key.spec;
  if (purpose !== "ra") refuse(`key ${handle} is an ${purpose} key: it decrypts nothing`);
  inForce(key, now);
  if (!contentKeyBytes.includes(keyBytes)) refuse(`a content-encryption key has ${contentKeyBytes.join(", ")} octets`);
  const modulusBytes = Number(algorithm.slice("RSA-".length)) / 8;
  if (ciphertext.length !== modulusBytes)
    refuse(`what key ${handle} decrypts has ${modulusBytes} octets, not ${ciphertext.length}`);
}
