/** The registration authority of an issuer: a key of its own that signs and opens enrolment messages, under a short certificate. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import type { RaCertificateEvent } from "#shared/domain/ra-certificate/ra-certificate";
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
import { nameDer } from "#shared/pki/name";
import { raName } from "#shared/pki/ra-name";
import { change } from "./commit.ts";
import { delegateIsFresh, isInForce } from "./delegate-freshness.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertWholeLintFree, readBuilt } from "./lint-before-signing.ts";
import { existing, type Present } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { isoTime } from "./signed-certificate.ts";

const dayMs = 86_400_000;
/** With a minute for clocks that are behind, no more than the signer certifies. */
const validityMs = 30 * dayMs;
const backdateMs = 60_000;

/** With less than this left it is replaced. Who still has it by then is answered until it ends. */
export const raRenewMs = 10 * dayMs;

/** Idempotent: a fresh one stays. @throws Failure `conflict` for a root, `unavailable` for an issuer that has ended */
export async function rotateRaCertificate(deps: Deps, call: Call, issuerId: string): Promise<void> {
  const { tenant } = call.principal;
  const issuer = await existing(deps, tenant, "issuer", issuerId);
  if (issuer.state.role !== "issuing") throw new Failure("conflict", `issuer ${issuerId} is a root and enrols nobody`);
  if (Date.parse(issuer.state.not_after) <= deps.clock.now())
    throw new Failure("unavailable", `issuer ${issuerId} has ended and enrols nobody`);
  const { state: current } = await deps.log.load(tenant, "ra-certificate", issuerId);
  if (delegateIsFresh(current, issuer.state, raRenewMs, deps.clock.now())) return;
  for (let generation = (current?.generation ?? 0) + 1; ; generation++) {
    const certified = await certify(deps, tenant, issuer, generation);
    if (await isGivenUp(deps, tenant, certified)) continue;
    return record(deps, call, certified);
  }
}

type Rotated = RaCertificateEvent["data"];

/** The key of this generation and its certificate: the same ones when they were made before. */
async function certify(deps: Deps, tenant: string, issuer: Present<"issuer">, generation: number): Promise<Rotated> {
  const { id, state } = issuer;
  const handle = `ra-${id}-${generation}`;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: "RSA-2048",
    purpose: "ra",
    limits: { issuerHandle: state.handle },
  });
  const signed = await deps.signer.sign({
    opId: `ra-certificate/${id}/${generation}`,
    tenant,
    handle: state.handle,
    type: "certificate",
    profile: "-",
    requestHash: sha256Parts("trstctl/ra-certificate/1", id, String(generation), key.spki),
    tbs: await raTbs(deps.clock.now(), issuer, generation, key.spki),
  });
  const parsed = parseTbsCertificate(signed.tbs);
  return {
    issuer: id,
    handle,
    generation,
    serial: parsed.serialHex,
    certificate: base64(assembleSigned(signed.tbs, parsed.signatureAlgorithm, signed.signature)),
    signature_algorithm: key.signatureAlgorithm,
    not_before: isoTime(parsed.notBeforeMs),
    not_after: isoTime(parsed.notAfterMs),
    tbs_sha256: sha256Hex(signed.tbs),
  };
}

async function raTbs(
  now: number,
  { id, state }: Present<"issuer">,
  generation: number,
  spki: Uint8Array,
): Promise<Uint8Array> {
  const material = issuerMaterial(id, state);
  const { signatureAlgorithm } = material;
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  const tbs = buildTbsCertificate({
    serial: newSerial(),
    signatureAlgorithm,
    issuerNameDer: material.subjectDer,
    subjectNameDer: nameDer(raName(id, generation)),
    notBeforeMs,
    notAfterMs: Math.min(notBeforeMs + validityMs, material.notAfterMs),
    spki,
    extensions: [
      authorityKeyIdentifier(material.keyId),
      subjectKeyIdentifier(keyIdentifier(spki)),
      keyUsage(["digitalSignature", "keyEncipherment"]),
      extKeyUsage(["cmcRA"]),
      authorityInfoAccess({ caIssuers: [material.caIssuersUrl] }),
      noRevAvail(),
    ],
  });
  const refusal = { what: "the RA certificate" };
  const kind = "ra";
  const built = readBuilt(() => parseTbsCertificate(tbs), refusal);
  assertLintFree(lintTbsCertificate(built, { kind, issuer: material.certificate, nowMs: now }), refusal);
  await assertWholeLintFree({ ...refusal, kind, tbs, signatureAlgorithm });
  return tbs;
}

/**
 * A try that was cut off after the signature: when the log had not heard of it for a minute the reconciler recorded the
 * certificate and revoked it.
 */
async function isGivenUp(deps: Deps, tenant: string, rotated: Rotated): Promise<boolean> {
  const { state } = await deps.log.load(tenant, "certificate", certificateId(rotated.issuer, rotated.serial));
  return state !== undefined || !isInForce(rotated, deps.clock.now());
}

/** Several may do this side by side: the signer gave all the same certificate, and one commit is enough. */
async function record(deps: Deps, call: Call, data: Rotated): Promise<void> {
  const stream = () => deps.log.load(call.principal.tenant, "ra-certificate", data.issuer);
  const isThere = async (): Promise<boolean> => ((await stream()).state?.generation ?? 0) >= data.generation;
  try {
    await change(deps, call, async () => {
      if (await isThere()) throw new Failure("conflict", "somebody else recorded it");
      return { stream: await stream(), event: { type: "ra-certificate.rotated", data } };
    });
  } catch (error) {
    if (!isFailure(error, "conflict") || !(await isThere())) throw error;
  }
}
