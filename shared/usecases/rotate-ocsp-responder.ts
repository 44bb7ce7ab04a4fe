/** The delegated OCSP responder of an issuer (RFC 6960 4.2.2.2): a key of its own with a short certificate. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { responderKeyAlgorithm } from "#shared/domain/issuer/responder-key-algorithm";
import type { OcspResponder } from "#shared/domain/ocsp-responder/ocsp-responder";
import { base64 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { assembleSigned, buildTbsCertificate, parseTbsCertificate } from "#shared/pki/certificate";
import {
  authorityKeyIdentifier,
  extKeyUsage,
  keyUsage,
  ocspNoCheck,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { commonName, nameDer } from "#shared/pki/name";
import { change } from "./commit.ts";
import { delegateIsFresh } from "./delegate-freshness.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertWholeLintFree, readBuilt } from "./lint-before-signing.ts";
import { existing } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { isoTime } from "./signed-certificate.ts";

const validityMs = 30 * 86_400_000;
const backdateMs = 60_000;

/** A responder with less than this left is replaced. */
export const responderRenewMs = 86_400_000;

export async function rotateOcspResponder(deps: Deps, call: Call, issuerId: string): Promise<void> {
  const { tenant } = call.principal;
  const now = deps.clock.now();
  const issuer = await existing(deps, tenant, "issuer", issuerId);
  const current = await deps.log.load(tenant, "ocsp-responder", issuerId);
  if (delegateIsFresh(current.state, issuer.state, responderRenewMs, now)) return;
  const generation = (current.state?.generation ?? 0) + 1;
  const handle = `ocsp-${issuerId}-${generation}`;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: responderKeyAlgorithm(issuer.state),
    purpose: "ocsp",
    limits: { issuerHandle: issuer.state.handle },
  });
  const material = issuerMaterial(issuerId, issuer.state);
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  const tbs = buildTbsCertificate({
    serial: newSerial(),
    signatureAlgorithm: material.signatureAlgorithm,
    issuerNameDer: material.subjectDer,
    subjectNameDer: nameDer(commonName(`OCSP ${issuerId} ${generation}`)),
    notBeforeMs,
    notAfterMs: Math.min(notBeforeMs + validityMs, material.notAfterMs),
    spki: key.spki,
    extensions: [
      authorityKeyIdentifier(material.keyId),
      subjectKeyIdentifier(keyIdentifier(key.spki)),
      keyUsage(["digitalSignature"]),
      extKeyUsage(["OCSPSigning"]),
      ocspNoCheck(),
    ],
  });
  const refusal = { what: "the OCSP responder's certificate" };
  const built = readBuilt(() => parseTbsCertificate(tbs), refusal);
  const kind = "ocsp-responder";
  assertLintFree(lintTbsCertificate(built, { kind, issuer: material.certificate, nowMs: now }), refusal);
  await assertWholeLintFree({ ...refusal, kind, tbs, signatureAlgorithm: material.signatureAlgorithm });
  const signed = await deps.signer.sign({
    opId: `ocsp-responder/${issuerId}/${generation}`,
    tenant,
    handle: issuer.state.handle,
    type: "certificate",
    profile: "-",
    requestHash: sha256Parts("trstctl/ocsp-responder/1", issuerId, String(generation), key.spki),
    tbs,
  });
  const parsed = parseTbsCertificate(signed.tbs);
  const responder: OcspResponder = {
    issuer: issuerId,
    handle,
    generation,
    serial: parsed.serialHex,
    certificate: base64(assembleSigned(signed.tbs, material.signatureAlgorithm, signed.signature)),
    signature_algorithm: key.signatureAlgorithm,
    not_before: isoTime(parsed.notBeforeMs),
    not_after: isoTime(parsed.notAfterMs),
  };
  try {
    await change(deps, call, async () => ({
      stream: current,
      event: { type: "ocsp-responder.rotated", data: { ...responder, tbs_sha256: sha256Hex(signed.tbs) } },
    }));
  } catch (error) {
    // Clock and outbox may do this side by side: the signer gave both the same certificate, and one commit is enough.
    const { state } = await deps.log.load(tenant, "ocsp-responder", issuerId);
    if (!isFailure(error, "conflict") || (state?.generation ?? 0) < generation) throw error;
  }
}
