import { hex, sameBytes } from "#shared/kernel/bytes";
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { oids } from "#shared/pki/oids";
import { keyAlgorithms } from "../keys/algorithms.ts";
import { type GuardInput, type Learn, nothingLearnt, refuse } from "./decision.ts";
import type { CaBinding, KeyState } from "./key-state.ts";
import { learnCa } from "./learn.ts";
import { backdatingMs, maxRootMs, skewMs } from "./moments.ts";
import { assertPermittedNames } from "./names.ts";

const leafExtensions = new Set<string>([
  oids.basicConstraints,
  oids.keyUsage,
  oids.extKeyUsage,
  oids.subjectKeyIdentifier,
  oids.authorityKeyIdentifier,
  oids.subjectAltName,
  oids.authorityInfoAccess,
  oids.cRLDistributionPoints,
  oids.certificatePolicies,
  oids.ocspNoCheck,
]);
const caExtensions = new Set<string>([...leafExtensions, oids.nameConstraints]);
const minSerialHexDigits = 16; // 64 bits

/** An issuing CA signs leaves, and the responder certificate of its own delegated OCSP key. */
export function guardLeafCertificate(input: GuardInput): Learn {
  const { key, now } = input;
  const tbs = parse(input, leafExtensions);
  const ca = bound(key);
  assertIssuedBy(tbs, key, ca);
  assertLeaf(tbs);
  assertMoments(tbs, now, ca.notAfterMs, (key.spec.limits.maxLeafSeconds ?? 398 * 86_400) * 1000);
  if (!isOwnResponder(tbs, input)) assertPermittedNames(tbs, key.spec.limits.permittedDns);
  return nothingLearnt;
}

/** A root signs itself once, the CA keys of its own tenant, and the responder certificate of its own OCSP key. */
export function guardCaCertificate(input: GuardInput): Learn {
  const { key, keys, now } = input;
  const tbs = parse(input, caExtensions);
  if (sameBytes(tbs.spki, key.spki)) return selfSigned(tbs, key, now);
  const ca = bound(key);
  assertIssuedBy(tbs, key, ca);
  const subjectKey = keys.bySpki(tbs.spki);
  if (subjectKey?.spec.purpose === "ocsp") {
    assertLeaf(tbs);
    assertMoments(tbs, now, ca.notAfterMs, 90 * 86_400_000);
    isOwnResponder(tbs, input);
    return nothingLearnt;
  }
  if (subjectKey === undefined || subjectKey.spec.tenant !== key.spec.tenant)
    return refuse("a root certifies only CA keys that this signer holds for the same tenant");
  if (subjectKey.spec.purpose !== "issuing-ca")
    return refuse(
      `key ${subjectKey.spec.handle} is an ${subjectKey.spec.purpose} key and cannot become a CA below this root`,
    );
  assertCa(tbs);
  if (tbs.basicConstraints?.pathLen !== 0) return refuse("an issuing CA must have path length 0");
  assertMoments(tbs, now, ca.notAfterMs, maxRootMs);
  assertNameConstraints(tbs, subjectKey.spec.limits.permittedDns);
  return bind(subjectKey, tbs);
}

function selfSigned(tbs: TbsCertificate, key: KeyState, now: number): Learn {
  if (!sameBytes(tbs.subjectDer, tbs.issuerDer))
    return refuse("a certificate over the root's own key must name itself as issuer");
  if (tbs.subjectDer.length <= 2) return refuse("a CA must have a subject");
  assertCa(tbs);
  assertMoments(tbs, now, Number.POSITIVE_INFINITY, maxRootMs);
  return bind(key, tbs);
}

function bind(key: KeyState, tbs: TbsCertificate): Learn {
  if (key.ca !== undefined && !sameBytes(key.ca.subjectDer, tbs.subjectDer))
    return refuse(`key ${key.spec.handle} is bound to another CA name`);
  if (tbs.subjectDer.length <= 2) return refuse("a CA must have a subject");
  return () => learnCa(key, tbs);
}

function parse({ key, tbs }: GuardInput, allowed: ReadonlySet<string>): TbsCertificate {
  const parsed = parseTbsCertificate(tbs);
  if (parsed.version !== 3) return refuse("only version 3 certificates are signed");
  const expected = keyAlgorithms[key.spec.algorithm].signatureAlgorithm;
  if (parsed.signatureAlgorithm !== expected)
    return refuse(`the certificate names ${parsed.signatureAlgorithm}, the key signs ${expected}`);
  for (const oid of parsed.extensions.keys())
    if (!allowed.has(oid)) return refuse(`extension ${oid} is not on the list of what is signed`);
  if (parsed.serialHex.length < minSerialHexDigits) return refuse("the serial number has less than 64 bits");
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

function assertLeaf(tbs: TbsCertificate): void {
  if (tbs.basicConstraints?.ca === true) refuse("this key does not certify CAs");
  if (tbs.keyUsage?.some((usage) => usage === "keyCertSign" || usage === "cRLSign") === true)
    refuse("a leaf must not sign certificates or CRLs");
  if (tbs.extKeyUsage === undefined || tbs.extKeyUsage.length === 0) refuse("a leaf must say its extended key usages");
  if (tbs.extKeyUsage?.includes("anyExtendedKeyUsage") === true) refuse("anyExtendedKeyUsage is not signed");
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

/** OCSPSigning belongs to the issuer's own delegated key and to nothing else, and no key of ours becomes a leaf's. */
function isOwnResponder(tbs: TbsCertificate, { key, keys }: GuardInput): boolean {
  const subjectKey = keys.bySpki(tbs.spki);
  const asks = tbs.extKeyUsage?.includes("OCSPSigning") === true;
  if (!asks && subjectKey === undefined) return false;
  if (!asks) return refuse(`key ${subjectKey?.spec.handle} belongs to this signer and cannot be certified as a leaf's`);
  const { purpose, tenant, limits } = subjectKey?.spec ?? {};
  if (purpose !== "ocsp" || tenant !== key.spec.tenant || limits?.issuerHandle !== key.spec.handle)
    return refuse("OCSPSigning is certified only for this CA's own delegated key");
  if (tbs.extKeyUsage?.length !== 1) return refuse("a responder certificate has no other usage than OCSPSigning");
  return true;
}

/** The constraint that the key was made with must stand in its CA certificate, so that relying parties hold it too. */
function assertNameConstraints(tbs: TbsCertificate, permittedDns: readonly string[] | undefined): void {
  const wanted = [...(permittedDns ?? [])].sort();
  const stated = (tbs.nameConstraints?.permitted ?? [])
    .flatMap((name) => (name.type === "dns" ? [name.value] : []))
    .sort();
  if (wanted.length !== stated.length || wanted.some((name, at) => name !== stated[at]))
    refuse("the name constraints are not those that the key was made with");
  if (wanted.length > 0 && tbs.extensions.get(oids.nameConstraints)?.critical !== true)
    refuse("name constraints must be critical");
}
