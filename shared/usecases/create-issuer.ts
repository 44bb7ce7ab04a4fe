/** CAs of a tenant: its one root, and issuing CAs below it. */
import { sha256Parts } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import { crlShardId, firstUntil } from "#shared/domain/crl-shard/crl-shard";
import type { IssuerCreated } from "#shared/domain/issuer/issuer";
import { defaultResponderKeyAlgorithm } from "#shared/domain/issuer/responder-key-algorithm";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import { buildTbsCertificate, parseTbsCertificate } from "#shared/pki/certificate";
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoints,
  keyUsage,
  nameConstraints,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { canonicalName } from "#shared/pki/general-name";
import { keyIdentifier } from "#shared/pki/key";
import { constraintsOf } from "#shared/pki/name-constraint";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { commonName, nameDer } from "#shared/pki/name";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import type { KeyLimits, PublicKey } from "#shared/ports/signer";
import { findIssuer } from "./all-issuers.ts";
import { change, effect } from "./commit.ts";
import { holdCrlPlaces } from "./crl-places.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { assertLintFree, assertWholeLintFree, readBuilt } from "./lint-before-signing.ts";
import type { Present } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { signedCertificate } from "./signed-certificate.ts";

export interface CreateIssuer {
  readonly name: string;
  readonly keyAlgorithm: SignerKeyAlgorithm;
  /** Of its OCSP responder; see `defaultResponderKeyAlgorithm`. */
  readonly responderKeyAlgorithm?: SignerKeyAlgorithm | undefined;
  /** What is to hold its key; undefined: what the signer takes by default. */
  readonly keyBackend?: KeyBackend | undefined;
  readonly validitySeconds: number;
  /** Empty: no constraint. */
  readonly permittedDns: readonly string[];
  /** Address ranges beside `permittedDns`. */
  readonly permittedIps?: readonly string[];
  /** `http://…` without a slash at the end; fixed for the life of the issuer's key. */
  readonly revocationBaseUrl: string;
}

const backdateMs = 60_000;
const shards = 1;
export const rootHandle = "root";

/**
 * @param handle of its key: a tenant has one root, but the product's own may have had others before
 * @returns the id of the tenant's root, made when it had none
 */
export async function createRoot(
  deps: Deps,
  call: Call,
  command: CreateIssuer,
  handle: string = rootHandle,
): Promise<string> {
  const { tenant } = call.principal;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: command.keyAlgorithm,
    purpose: "root-ca",
    limits: keyLimits(command),
    ...(command.keyBackend !== undefined && { backend: command.keyBackend }),
  });
  return createCa(deps, call, { command, key, handle, parent: undefined });
}

const keyLimits = ({ revocationBaseUrl, permittedDns, permittedIps = [] }: CreateIssuer): KeyLimits => ({
  revocationBaseUrl,
  ...(permittedDns.length > 0 && { permittedDns }),
  ...(permittedIps.length > 0 && { permittedIps }),
});

/**
 * @param below the root that signs it; default: the tenant's one
 * @throws Failure `conflict` while the tenant has no root
 */
export async function createIssuingCa(
  deps: Deps,
  call: Call,
  asked: CreateIssuer,
  below?: Present<"issuer">,
): Promise<string> {
  const { tenant } = call.principal;
  const permittedDns = asked.permittedDns.map((name) => canonicalName("dns", name, "permitted_dns").value);
  const command = { ...asked, permittedDns };
  const root = below ?? (await findRoot(deps, tenant));
  const handle = `ca-${sha256Parts("trstctl/issuer/1", tenant, call.operation).slice(0, 24)}`;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: command.keyAlgorithm,
    purpose: "issuing-ca",
    limits: keyLimits(command),
    ...(command.keyBackend !== undefined && { backend: command.keyBackend }),
  });
  return createCa(deps, call, { command, key, handle, parent: root });
}

/** @throws Failure `conflict` when the tenant has none */
export async function findRoot(deps: Deps, tenant: string): Promise<Present<"issuer">> {
  const root = await findIssuer(deps, tenant, ({ state }) => state.role === "root");
  if (root === undefined)
    throw new Failure("conflict", "the tenant has no root yet; it is made when the tenant is registered");
  return root;
}

const folded = (name: string): string => name.normalize("NFKC").toLowerCase().trim().replaceAll(/\s+/g, " ");

/** The signer holds it too, and for ever: a relying party finds an issuer by its name. @throws Failure `conflict` */
async function assertFreeName(deps: Deps, tenant: string, name: string): Promise<void> {
  const { items } = await deps.log.list(tenant, "issuer", { limit: 1000 });
  if (items.some(({ state }) => folded(state.name) === folded(name)))
    throw new Failure("conflict", `the tenant has an issuer named ${name}; choose another name`, { field: "name" });
}

interface NewCa {
  readonly command: CreateIssuer;
  readonly key: PublicKey;
  readonly handle: string;
  /** Undefined: it signs itself. */
  readonly parent: Present<"issuer"> | undefined;
}

async function createCa(deps: Deps, call: Call, { command, key, handle, parent }: NewCa): Promise<string> {
  const { tenant } = call.principal;
  const id = issuerIdOf(key.spki);
  if ((await deps.log.load(tenant, "issuer", id)).state !== undefined) return id;
  await assertFreeName(deps, tenant, command.name);
  // The first try made the key for its own base URL, and may have been another start of the host, on another port.
  const { revocationBaseUrl = command.revocationBaseUrl } = key.limits;
  await deps.directory.reserve("issuer", id, { tenant, id });
  const tbs = caTbs(deps.clock.now(), { command, key, handle, parent });
  const kind = parent === undefined ? "root" : "issuing-ca";
  const issuer = parent && issuerMaterial(parent.id, parent.state).certificate;
  const refusal = { what: "the CA certificate" };
  const built = readBuilt(() => parseTbsCertificate(tbs), refusal);
  assertLintFree(lintTbsCertificate(built, { kind, issuer, nowMs: deps.clock.now() }), refusal);
  await assertWholeLintFree({ ...refusal, kind, tbs, signatureAlgorithm: built.signatureAlgorithm });
  const signed = await deps.signer.sign({
    opId: `issuer/${id}`,
    tenant,
    handle: parent?.state.handle ?? handle,
    type: "certificate",
    profile: "-",
    // The key has one certificate: whatever an earlier try asked for is what this issuer is.
    requestHash: sha256Parts("trstctl/issuer-request/2", id),
    tbs,
  });
  const parsed = parseTbsCertificate(signed.tbs);
  const { facts } = signedCertificate(parent?.id ?? id, 0, signed, parsed);
  const data: IssuerCreated = {
    ...facts,
    id,
    role: parent === undefined ? "root" : "issuing",
    name: parsed.subject.flat().find(({ type }) => type === "CN")?.value ?? command.name,
    parent: parent?.id ?? null,
    handle,
    // An RSA key does not tell what it signs with: the name that it was asked for by does.
    key_algorithm: key.algorithm,
    signature_algorithm: key.signatureAlgorithm,
    responder_key_algorithm: command.responderKeyAlgorithm ?? defaultResponderKeyAlgorithm(key.algorithm),
    ...(key.backend !== "sealed" && { key_backend: key.backend }),
    permitted_dns: command.permittedDns,
    ...(command.permittedIps !== undefined && { permitted_ips: command.permittedIps }),
    revocation_base_url: revocationBaseUrl,
    shards,
  };
  const { state } = await change(deps, call, async () => {
    const certificate = await deps.log.load(tenant, "certificate", certificateId(data.issuer, data.serial));
    if (certificate.state !== undefined)
      throw new Failure(
        "conflict",
        "what the first try signed was revoked meanwhile; start a new operation (another Idempotency-Key)",
      );
    return {
      stream: await deps.log.load(tenant, "issuer", id),
      event: { type: "issuer.created", data },
      touches: [certificate, await deps.log.load(tenant, "crl-shard", crlShardId(id, 0))],
      effects: [effect(deps, "ocsp.rotate", { issuer: id }), effect(deps, "crl.publish", { issuer: id, shard: 0 })],
    };
  });
  const until = firstUntil(data.not_after, state?.created_at ?? data.not_before);
  holdCrlPlaces(deps, tenant, id, { shard: 0, untilMs: Date.parse(until) });
  return id;
}

function caTbs(now: number, { command, key, parent }: NewCa): Uint8Array {
  const issuer = parent === undefined ? undefined : issuerMaterial(parent.id, parent.state);
  const subjectNameDer = nameDer(commonName(command.name));
  const keyId = keyIdentifier(key.spki);
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  const end = notBeforeMs + command.validitySeconds * 1000 - 1000;
  const constraints = constraintsOf(command);
  return buildTbsCertificate({
    serial: newSerial(),
    signatureAlgorithm: issuer?.signatureAlgorithm ?? key.signatureAlgorithm,
    issuerNameDer: issuer?.subjectDer ?? subjectNameDer,
    subjectNameDer,
    notBeforeMs,
    notAfterMs: Math.min(end, issuer?.notAfterMs ?? end),
    spki: key.spki,
    extensions: [
      basicConstraints(true, issuer === undefined ? undefined : 0),
      keyUsage(["keyCertSign", "cRLSign"]),
      subjectKeyIdentifier(keyId),
      authorityKeyIdentifier(issuer?.keyId ?? keyId),
      ...(constraints.permitted.length > 0 ? [nameConstraints(constraints)] : []),
      ...(issuer === undefined
        ? []
        : [
            authorityInfoAccess({ ocsp: [issuer.ocspUrl], caIssuers: [issuer.caIssuersUrl] }),
            crlDistributionPoints([issuer.crlUrl(0)]),
          ]),
    ],
  });
}
