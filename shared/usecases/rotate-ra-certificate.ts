/** The registration authority of an issuer: a key of its own that signs and opens enrolment messages, under a short certificate. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import type { RaCertificate } from "#shared/domain/ra-certificate/ra-certificate";
import { base64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { assembleSigned, buildTbsCertificate, parseTbsCertificate } from "#shared/pki/certificate";
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  extKeyUsage,
  keyUsage,
  noRevAvail,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { commonName, nameDer } from "#shared/pki/name";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertWholeLintFree, readBuilt } from "./lint-before-signing.ts";
import { existing } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { isoTime } from "./signed-certificate.ts";

const dayMs = 86_400_000;
/** With a minute for clocks that are behind, no more than the signer certifies. */
const validityMs = 30 * dayMs;
const backdateMs = 60_000;

/** With less than this left it is replaced. Who still has it by then is answered until it ends. */
export const raRenewMs = 10 * dayMs;

/** Whether there is, or could be, none that ends later. */
export function raIsFresh(current: RaCertificate | undefined, issuerNotAfter: string, now: number): boolean {
  if (current === undefined) return false;
  const left = Date.parse(current.not_after) - now;
  return left > raRenewMs || (left > 0 && current.not_after === issuerNotAfter);
}

/** Idempotent: a fresh one stays. @throws Failure `conflict` for an issuer that enrols nobody */
export async function rotateRaCertificate(deps: Deps, call: Call, issuerId: string): Promise<void> {
  const { tenant } = call.principal;
  const now = deps.clock.now();
  const { state: issuer } = await existing(deps, tenant, "issuer", issuerId);
  if (issuer.role !== "issuing") throw new Failure("conflict", `issuer ${issuerId} is a root and enrols nobody`);
  const current = await deps.log.load(tenant, "ra-certificate", issuerId);
  if (raIsFresh(current.state, issuer.not_after, now)) return;
  const generation = (current.state?.generation ?? 0) + 1;
  const handle = `ra-${issuerId}-${generation}`;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: "RSA-2048",
    purpose: "ra",
    limits: { issuerHandle: issuer.handle },
  });
  const material = issuerMaterial(issuerId, issuer);
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  const tbs = buildTbsCertificate({
    serial: newSerial(),
    signatureAlgorithm: material.signatureAlgorithm,
    issuerNameDer: material.subjectDer,
    subjectNameDer: nameDer(commonName(`RA ${issuerId} ${generation}`)),
    notBeforeMs,
    notAfterMs: Math.min(notBeforeMs + validityMs, material.notAfterMs),
    spki: key.spki,
    extensions: [
      authorityKeyIdentifier(material.keyId),
      subjectKeyIdentifier(keyIdentifier(key.spki)),
      keyUsage(["digitalSignature", "keyEncipherment"]),
      extKeyUsage(["cmcRA"]),
      authorityInfoAccess({ caIssuers: [material.caIssuersUrl] }),
      noRevAvail(),
    ],
  });
  const refusal = { what: "the RA certificate" };
  const built = readBuilt(() => parseTbsCertificate(tbs), refusal);
  assertLintFree(lintTbsCertificate(built, { kind: "ra", issuer: material.certificate, nowMs: now }), refusal);
  await assertWholeLintFree({ ...refusal, kind: "ra", tbs, signatureAlgorithm: material.signatureAlgorithm });
  const signed = await deps.signer.sign({
    opId: `ra-certificate/${issuerId}/${generation}`,
    tenant,
    handle: issuer.handle,
    type: "certificate",
    profile: "-",
    requestHash: sha256Parts("trstctl/ra-certificate/1", issuerId, String(generation), key.spki),
    tbs,
  });
  const parsed = parseTbsCertificate(signed.tbs);
  const data = {
    issuer: issuerId,
    handle,
    generation,
    serial: parsed.serialHex,
    certificate: base64(assembleSigned(signed.tbs, material.signatureAlgorithm, signed.signature)),
    signature_algorithm: key.signatureAlgorithm,
    not_before: isoTime(parsed.notBeforeMs),
    not_after: isoTime(parsed.notAfterMs),
    tbs_sha256: sha256Hex(signed.tbs),
  };
  try {
    await change(deps, call, async () => ({ stream: current, event: { type: "ra-certificate.rotated", data } }));
  } catch (error) {
    // Several may do this side by side: the signer gave all the same certificate, and one commit is enough.
    const { state } = await deps.log.load(tenant, "ra-certificate", issuerId);
    if (!isFailure(error, "conflict") || (state?.generation ?? 0) < generation) throw error;
  }
}
