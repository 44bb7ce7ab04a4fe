/** CAs of a tenant: its one root, and issuing CAs below it. */
import { sha256, sha256Parts } from "#shared/crypto/hash";
import { certificateId } from "#shared/domain/certificate/certificate";
import type { IssuerCreated } from "#shared/domain/issuer/issuer";
import { base32Label } from "#shared/kernel/ids";
import { Failure } from "#shared/kernel/failure";
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
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { commonName, nameDer } from "#shared/pki/name";
import type { PublicKey, SignerKeyAlgorithm } from "#shared/ports/signer";
import { findIssuer } from "./all-issuers.ts";
import { change, effect } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import type { Present } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { signedCertificate } from "./signed-certificate.ts";

export interface CreateIssuer {
  readonly name: string;
  readonly keyAlgorithm: SignerKeyAlgorithm;
  readonly validitySeconds: number;
  /** Empty: no constraint. */
  readonly permittedDns: readonly string[];
  /** `http://…` without a slash at the end; fixed for the issuer's life. */
  readonly revocationBaseUrl: string;
}

const backdateMs = 60_000;
const shards = 1;
export const rootHandle = "root";

/** The public id: says nothing, and is the same however often the operation is tried, because the key is. */
const issuerId = (key: PublicKey): string => base32Label(sha256(key.spki)).slice(0, 20);

/** @returns the id of the tenant's root, made when it had none */
export async function createRoot(deps: Deps, call: Call, command: CreateIssuer): Promise<string> {
  const { tenant } = call.principal;
  const key = await deps.signer.generateKey({
    tenant,
    handle: rootHandle,
    algorithm: command.keyAlgorithm,
    purpose: "root-ca",
    limits: {},
  });
  return createCa(deps, call, { command, key, handle: rootHandle, parent: undefined });
}

/** @throws Failure `conflict` while the tenant has no root */
export async function createIssuingCa(deps: Deps, call: Call, command: CreateIssuer): Promise<string> {
  const { tenant } = call.principal;
  const permittedDns = command.permittedDns.map((name) => canonicalName("dns", name, "permitted_dns").value);
  const root = await findRoot(deps, tenant);
  const handle = `ca-${sha256Parts("trstctl/issuer/1", tenant, call.operation).slice(0, 24)}`;
  const key = await deps.signer.generateKey({
    tenant,
    handle,
    algorithm: command.keyAlgorithm,
    purpose: "issuing-ca",
    limits: permittedDns.length === 0 ? {} : { permittedDns },
  });
  return createCa(deps, call, { command: { ...command, permittedDns }, key, handle, parent: root });
}

/** @throws Failure `conflict` when the tenant has none */
export async function findRoot(deps: Deps, tenant: string): Promise<Present<"issuer">> {
  const root = await findIssuer(deps, tenant, ({ state }) => state.role === "root");
  if (root === undefined)
    throw new Failure("conflict", "the tenant has no root yet; it is made when the tenant is registered");
  return root;
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
  const id = issuerId(key);
  if ((await deps.log.load(tenant, "issuer", id)).state !== undefined) return id;
  await deps.directory.reserve("issuer", id, { tenant, id });
  const tbs = caTbs(deps.clock.now(), { command, key, handle, parent });
  const findings = lintTbsCertificate(
    parseTbsCertificate(tbs),
    parent === undefined ? {} : { issuerCertificate: issuerMaterial(parent.id, parent.state).certificate },
  );
  if (findings.length > 0)
    throw new Failure(
      "unprocessable",
      `the CA certificate would break its rules: ${findings.map(({ code, message }) => `${code}: ${message}`).join("; ")}`,
    );
  const signed = await deps.signer.sign({
    opId: `issuer/${id}`,
    tenant,
    handle: parent?.state.handle ?? handle,
    type: "certificate",
    profile: "-",
    requestHash: sha256Parts("trstctl/issuer-request/1", id, command.name, command.revocationBaseUrl),
    tbs,
  });
  const { facts } = signedCertificate(parent?.id ?? id, 0, signed);
  const data: IssuerCreated = {
    ...facts,
    id,
    role: parent === undefined ? "root" : "issuing",
    name: command.name,
    parent: parent?.id ?? null,
    handle,
    signature_algorithm: key.signatureAlgorithm,
    permitted_dns: command.permittedDns,
    revocation_base_url: command.revocationBaseUrl,
    shards,
  };
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "issuer", id),
    event: { type: "issuer.created", data },
    touches: [await deps.log.load(tenant, "certificate", certificateId(data.issuer, data.serial))],
    effects: [effect(deps, "ocsp.rotate", { issuer: id }), effect(deps, "crl.publish", { issuer: id, shard: 0 })],
  }));
  return id;
}

function caTbs(now: number, { command, key, parent }: NewCa): Uint8Array {
  const issuer = parent === undefined ? undefined : issuerMaterial(parent.id, parent.state);
  const subjectNameDer = nameDer(commonName(command.name));
  const keyId = keyIdentifier(key.spki);
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  const end = notBeforeMs + command.validitySeconds * 1000 - 1000;
  const constraints = command.permittedDns.map((name) => canonicalName("dns", name, "permitted_dns"));
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
      ...(constraints.length > 0 ? [nameConstraints({ permitted: constraints })] : []),
      ...(issuer === undefined
        ? []
        : [
            authorityInfoAccess({ ocsp: [issuer.ocspUrl], caIssuers: [issuer.caIssuersUrl] }),
            crlDistributionPoints([issuer.crlUrl(0)]),
          ]),
    ],
  });
}
