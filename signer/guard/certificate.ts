/** Certificates: what a CA key may certify, and how. */
import { hex, sameBytes } from "#shared/kernel/bytes";
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { issuerOfRaName } from "#shared/pki/ra-name";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { assertExact, assertStatusUrls, type GuardInput, type Learn, refuse } from "./decision.ts";
import { assertNamedAsMade, delegateOf } from "./delegates.ts";
import {
  assertExactExtensions,
  assertOnList,
  caList,
  constrainedRootList,
  leafList,
  raList,
  responderList,
} from "./extension-list.ts";
import { type CaBinding, caNameKey, type KeyState } from "./key-state.ts";
import { learnCa, learnRa } from "./learn.ts";
import { backdatingMs, defaultMaxLeafMs, maxRaMs, maxResponderMs, maxRootMs, skewMs } from "./moments.ts";
import { assertFreeName, assertNameConstraints, assertNarrower, assertPermittedNames } from "./names.ts";

const leafUsages = new Set([
  "serverAuth",
  "clientAuth",
  "codeSigning",
  "emailProtection",
  "timeStamping",
  "OCSPSigning",
  "cmcRA",
]);
const anyPolicy = "2.5.29.32.0";
const minSerialOctets = 8;
const year2050 = Date.UTC(2050, 0, 1);
const maxSerialOctets = 20; // RFC 5280 4.1.2.2, with the sign

/** An issuing CA signs leaves, and the certificates of its own delegated OCSP and RA keys. */
export function guardLeafCertificate(input: GuardInput): Learn {
  const { key, now } = input;
  const tbs = parse(input);
  const ca = bound(key);
  assertIssuedBy(tbs, key, ca);
  assertNoCa(tbs);
  const delegate = delegateOf(tbs, input);
  if (delegate?.kind === "ocsp") return responder(tbs, input, ca);
  if (delegate?.kind === "ra") return registrationAuthority(tbs, input, ca, delegate.key);
  assertLeaf(tbs, input);
  if (issuerOfRaName(tbs.subject) !== undefined) refuse("a leaf must not be named as an RA");
  assertOnList(tbs, leafList);
  if (tbs.basicConstraints === undefined) refuse("a leaf must say in basicConstraints that it is no CA");
  if (tbs.policies?.includes(anyPolicy) === true) refuse("anyPolicy says nothing about how a leaf was issued");
  const { maxLeafSeconds } = key.spec.limits;
  assertMoments(tbs, now, ca.notAfterMs, maxLeafSeconds === undefined ? defaultMaxLeafMs : maxLeafSeconds * 1000);
  assertPermittedNames(tbs, key.spec.limits);
  return issue(input, tbs);
}

/** A root signs itself once, the CA keys of its own tenant, and the responder certificate of its own OCSP key. */
export function guardCaCertificate(input: GuardInput): Learn {
  const { key, keys } = input;
  const tbs = parse(input);
  if (sameBytes(tbs.spki, key.spki)) return selfSigned(tbs, input);
  const ca = bound(key);
  assertIssuedBy(tbs, key, ca);
  const subjectKey = keys.byKeyBits(tbs.key.keyBits);
  if (subjectKey?.spec.purpose === "ocsp") {
    assertNoCa(tbs);
    delegateOf(tbs, input);
    return responder(tbs, input, ca);
  }
  if (subjectKey === undefined || subjectKey.spec.tenant !== key.spec.tenant)
    return refuse("a root certifies only CA keys that this signer holds for the same tenant");
  if (subjectKey.spec.purpose !== "issuing-ca")
    return refuse(
      `key ${subjectKey.spec.handle} is an ${subjectKey.spec.purpose} key and cannot become a CA below this root`,
    );
  return subordinate(tbs, input, subjectKey, ca);
}

function subordinate(tbs: TbsCertificate, input: GuardInput, subjectKey: KeyState, ca: CaBinding): Learn {
  assertCa(tbs);
  assertOnList(tbs, caList);
  if (tbs.basicConstraints?.pathLen !== 0) return refuse("an issuing CA must have path length 0");
  assertMoments(tbs, input.now, ca.notAfterMs, maxRootMs);
  assertNameConstraints(tbs, subjectKey.spec.limits);
  assertNarrower(subjectKey.spec.limits, input.key.spec.limits);
  assertNamedAsMade(tbs, subjectKey);
  assertBinds(subjectKey, input, tbs);
  const issued = issue(input, tbs);
  return () => {
    const unlearnt = [issued(), learnCa(subjectKey, input.keys, tbs)];
    return () => unlearnt.forEach((unlearn) => unlearn());
  };
}

function selfSigned(tbs: TbsCertificate, input: GuardInput): Learn {
  const { key, keys, now } = input;
  if (!sameBytes(tbs.subjectDer, tbs.issuerDer))
    return refuse("a certificate over the root's own key must name itself as issuer");
  assertCa(tbs);
  assertOnList(tbs, constrainedRootList);
  assertNameConstraints(tbs, key.spec.limits);
  if (tbs.aki === undefined || !sameBytes(tbs.aki, key.keyId))
    return refuse(`the authority key identifier must be ${hex(key.keyId)}`);
  assertMoments(tbs, now, Number.POSITIVE_INFINITY, maxRootMs);
  assertBinds(key, input, tbs);
  if (key.ca !== undefined) return refuse("this root has signed itself already");
  const issued = issue(input, tbs);
  return () => {
    const unlearnt = [issued(), learnCa(key, keys, tbs)];
    return () => unlearnt.forEach((unlearn) => unlearn());
  };
}

function responder(tbs: TbsCertificate, input: GuardInput, ca: CaBinding): Learn {
  assertLeaf(tbs, input);
  assertOnList(tbs, responderList);
  assertMoments(tbs, input.now, ca.notAfterMs, maxResponderMs);
  return issue(input, tbs);
}

/** A key has one such certificate: what it opens and signs ends with that. */
function registrationAuthority(tbs: TbsCertificate, input: GuardInput, ca: CaBinding, subjectKey: KeyState): Learn {
  assertLeaf(tbs, input);
  assertOnList(tbs, raList);
  const usages = tbs.keyUsage ?? [];
  if (usages.length !== 2 || !usages.includes("digitalSignature") || !usages.includes("keyEncipherment"))
    refuse("an RA's key usages are digitalSignature and keyEncipherment, no other");
  if (issuerOfRaName(tbs.subject) !== input.key.issuerId)
    refuse(`an RA of this CA is named RA ${input.key.issuerId} and a number`);
  if (tbs.ocspUrls.length > 0) refuse("an RA certificate says that nobody tells its revocation, and names no OCSP");
  assertMoments(tbs, input.now, ca.notAfterMs, maxRaMs);
  if (subjectKey.ra !== undefined) return refuse(`key ${subjectKey.spec.handle} has its RA certificate already`);
  const issued = issue(input, tbs);
  return () => {
    const unlearnt = [issued(), learnRa(subjectKey, tbs)];
    return () => unlearnt.forEach((unlearn) => unlearn());
  };
}

/** One name, one key: relying parties find an issuer's certificate, CRL and OCSP by it. */
function assertBinds(key: KeyState, { keys }: GuardInput, tbs: TbsCertificate): void {
  if (tbs.subjectDer.length <= 2) refuse("a CA must have a subject");
  if (key.ca !== undefined && !sameBytes(key.ca.subjectDer, tbs.subjectDer))
    refuse(`key ${key.spec.handle} is bound to another CA name`);
  const holder = keys.caNames.get(caNameKey(key.spec.tenant, tbs.subject));
  if (holder !== undefined && holder !== key) refuse(`the CA name belongs to key ${holder.spec.handle}`);
}

/** The last look at any certificate. */
function issue({ key }: GuardInput, tbs: TbsCertificate): Learn {
  assertExact(tbs.subjectDer, () => nameDer(tbs.subject), "the subject is not as this signer would write it");
  assertExactTimes(tbs);
  assertExactExtensions(tbs, key.keyId);
  assertStatusUrls(tbs, key);
  if (key.issued.has(tbs.serialHex)) return refuse(`the serial number ${tbs.serialHex} was given away before`);
  return () => {
    key.issued.set(tbs.serialHex, Math.floor(tbs.notAfterMs / 1000));
    return () => key.issued.delete(tbs.serialHex);
  };
}

/** RFC 5280 4.1.2.5: GeneralizedTime from 2050 on, and only then. */
function assertExactTimes({ notBeforeMs, notAfterMs, timeEncoding }: TbsCertificate): void {
  const written = [notBeforeMs, notAfterMs].map((ms) => (ms < year2050 ? "UTCTime" : "GeneralizedTime"));
  if (written.some((encoding, at) => timeEncoding[at] !== encoding))
    refuse("a time is not encoded as this signer would write it");
}

function parse({ key, tbs }: GuardInput): TbsCertificate {
  const parsed = parseTbsCertificate(tbs);
  if (parsed.version !== 3) return refuse("only version 3 certificates are signed");
  const expected = keyAlgorithms[key.spec.algorithm].signatureAlgorithm;
  if (parsed.signatureAlgorithm !== expected)
    return refuse(`the certificate names ${parsed.signatureAlgorithm}, the key signs ${expected}`);
  const octets = parsed.serialHex.length / 2;
  const signed = octets + (Number.parseInt(parsed.serialHex.slice(0, 2), 16) >= 0x80 ? 1 : 0);
  if (octets < minSerialOctets) return refuse("the serial number has less than 64 bits");
  if (signed > maxSerialOctets) return refuse(`the serial number has more than ${maxSerialOctets} octets`);
  return parsed;
}

function bound(key: KeyState): CaBinding {
  return key.ca ?? refuse(`key ${key.spec.handle} has no CA certificate yet`);
}

function assertIssuedBy(tbs: TbsCertificate, key: KeyState, ca: CaBinding): void {
  if (!sameBytes(tbs.issuerDer, ca.subjectDer)) refuse("the issuer name is not the name of this key's CA");
  if (tbs.aki === undefined || !sameBytes(tbs.aki, key.keyId))
    refuse(`the authority key identifier must be ${hex(key.keyId)}`);
}

function assertNoCa(tbs: TbsCertificate): void {
  if (tbs.basicConstraints?.ca === true) refuse("this key does not certify CAs");
  if (tbs.keyUsage?.some((usage) => usage === "keyCertSign" || usage === "cRLSign") === true)
    refuse("a leaf must not sign certificates or CRLs");
}

function assertLeaf(tbs: TbsCertificate, { key, keys }: GuardInput): void {
  if (tbs.keyUsage === undefined) refuse("a leaf must say its key usages");
  if (tbs.extKeyUsage === undefined || tbs.extKeyUsage.length === 0) refuse("a leaf must say its extended key usages");
  for (const usage of tbs.extKeyUsage ?? [])
    if (!leafUsages.has(usage)) refuse(`extended key usage ${usage} is not signed`);
  assertFreeName(tbs, key.spec.tenant, keys);
}

function assertCa(tbs: TbsCertificate): void {
  if (tbs.basicConstraints?.ca !== true || tbs.extensions.get(oids.basicConstraints)?.critical !== true)
    refuse("a CA certificate needs critical basicConstraints with cA");
  const usages = tbs.keyUsage ?? [];
  if (!usages.includes("keyCertSign") || !usages.includes("cRLSign") || usages.length !== 2)
    refuse("a CA's key usages are keyCertSign and cRLSign, no other");
  if (tbs.extKeyUsage !== undefined) refuse("a CA certificate carries no extended key usage");
}

function assertMoments(tbs: TbsCertificate, now: number, issuerNotAfterMs: number, maxMs: number): void {
  if (tbs.notBeforeMs < now - backdatingMs) refuse("notBefore lies more than 24 hours back");
  if (tbs.notBeforeMs > now + skewMs) refuse("notBefore lies in the future");
  if (tbs.notAfterMs <= tbs.notBeforeMs) refuse("notAfter is not after notBefore");
  if (tbs.notAfterMs > issuerNotAfterMs) refuse("it would outlive its issuer");
  if (tbs.notAfterMs - tbs.notBeforeMs > maxMs)
    refuse(`a validity of more than ${Math.floor(maxMs / 1000)} s is outside this key's limits`);
}
