/** The one way to a leaf certificate (DESIGN §2a); every protocol and route calls it. */
import { sha256Parts } from "#shared/crypto/hash";
import { certificateId, type IssuedCertificate } from "#shared/domain/certificate/certificate";
import { assertIssues } from "#shared/domain/issuer/decide";
import { evaluateProfile } from "#shared/domain/profile/evaluate";
import { type Profile, profileVersionId } from "#shared/domain/profile/profile";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { keyAlgorithmName } from "#shared/pki/key";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { assertMayGrant } from "#shared/policy/ra-split";
import type { Snapshot } from "#shared/ports/event-log";
import { type CertificateRequest, readCertificateRequest } from "./certificate-request.ts";
import { allIssuers } from "./all-issuers.ts";
import { type Change, change } from "./commit.ts";
import { takeCrlPlace } from "./crl-places.ts";
import type { Call, Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { leafTbs } from "./leaf-template.ts";
import { assertLintFree, assertShapeLintFree, readBuilt } from "./lint-before-signing.ts";
import { type Present, referenced, referencedProfile } from "./load.ts";
import { newSerial } from "./serial-number.ts";
import { signedCertificate, type SignedLeaf } from "./signed-certificate.ts";

export interface IssueCommand {
  /** PKCS#10, DER. */
  readonly csr: Uint8Array;
  readonly protocol: string;
  /** `name` (its active version) or `name@version`; default `default`. */
  readonly profile?: string | undefined;
  readonly issuer?: string | undefined;
  readonly validitySeconds?: number | undefined;
  readonly owner?: string | undefined;
  /** The names that the certificate must carry, exactly. */
  readonly dnsNames?: readonly string[] | undefined;
}

/** What an identity adds to the event, loaded anew on every try of the commit. */
export interface IssueFor {
  readonly data: Pick<IssuedCertificate, "identity" | "replaces">;
  readonly touches: readonly Snapshot[];
  /** What the answer shows, given the certificate's id. */
  readonly resource: (certificate: string) => string;
}

export interface Issued {
  readonly certificate: Present<"certificate">;
  readonly der: Uint8Array;
  readonly issuer: Present<"issuer">;
}

const backdateMs = 60_000;

/**
 * @param forIdentity called just before the commit
 * @throws Failure `malformed`, `invalid_field`, `unprocessable` for the request; `guard_refused`, `unavailable` from the signer
 */
export async function issueCertificate(
  deps: Deps,
  call: Call,
  command: IssueCommand,
  forIdentity?: () => Promise<IssueFor>,
): Promise<Issued> {
  assertMayGrant(call.principal, "issue");
  const { tenant } = call.principal;
  const request = await readCertificateRequest(command.csr);
  assertExactNames(request, command.dnsNames ?? []);
  const profile = await resolveProfile(deps, tenant, command.profile ?? "default");
  const issuer = await resolveIssuer(deps, tenant, command.issuer ?? profile.spec.issuer_id);
  // Before anything is signed; once more with the commit.
  if (command.owner !== undefined) await referenced(deps, tenant, "owner", command.owner, "owner_id");
  const started = deps.clock.now();
  const resolved = { request, profile, issuer };
  const signed = await signLeaf(deps, call, command, resolved).catch((error: unknown) => {
    // The clock was set back meanwhile: what was built a moment ago lies in the signer's future.
    if (isFailure(error, "guard_refused") && deps.clock.now() < started) return signLeaf(deps, call, command, resolved);
    throw error;
  });
  const { facts, der } = signed;
  const id = certificateId(issuer.id, facts.serial);
  const decide = async (): Promise<Change<"certificate">> => {
    const bound = await forIdentity?.();
    const owner =
      command.owner === undefined ? [] : [await referenced(deps, tenant, "owner", command.owner, "owner_id")];
    const data: IssuedCertificate = {
      ...facts,
      profile: profileVersionId(profile.name, profile.version),
      protocol: command.protocol,
      ...(command.owner !== undefined && { owner: command.owner }),
      ...bound?.data,
    };
    const stream: Snapshot<"certificate"> = { kind: "certificate", id, rev: 0, state: undefined, origin: undefined };
    return {
      stream,
      event: { type: "certificate.issued", data },
      touches: [...(bound?.touches ?? []), ...owner],
      resource: bound?.resource(id) ?? id,
    };
  };
  const certificate = await change(deps, call, decide).catch(async (error: unknown) => {
    // A repeated operation may find its certificate recorded by the first try: then it is done.
    const recorded = isFailure(error, "conflict") ? await deps.log.load(tenant, "certificate", id) : undefined;
    if (recorded?.state?.fingerprint !== facts.fingerprint) throw error;
    if (recorded.state.revoked_at !== null)
      throw new Failure(
        "conflict",
        "what the first try signed was revoked meanwhile; start a new operation (another Idempotency-Key)",
      );
    return recorded;
  });
  return { certificate: certificate as Present<"certificate">, der, issuer };
}

interface Resolved {
  readonly request: CertificateRequest;
  readonly profile: Profile;
  readonly issuer: Present<"issuer">;
}

async function signLeaf(
  deps: Deps,
  call: Call,
  command: IssueCommand,
  { request, profile, issuer }: Resolved,
): Promise<SignedLeaf> {
  const now = deps.clock.now();
  const material = issuerMaterial(issuer.id, issuer.state);
  const granted = evaluateProfile(profile, {
    protocol: command.protocol,
    key: request.csr.key,
    names: request.names,
    validitySeconds: command.validitySeconds,
  });
  const notBeforeMs = Math.floor((now - backdateMs) / 1000) * 1000;
  // Both ends count (RFC 5280 4.1.2.5), and no certificate outlives its issuer.
  const notAfterMs = Math.min(notBeforeMs + granted.validitySeconds * 1000 - 1000, material.notAfterMs);
  const shard = await takeCrlPlace(deps, call.principal.tenant, issuer.id, notAfterMs);
  const tbs = leafTbs({
    issuer: material,
    spec: profile.spec,
    subject: request.subject,
    names: request.names,
    key: request.csr.key,
    serial: newSerial(),
    notBeforeMs,
    notAfterMs,
    shard,
  });
  const version = profileVersionId(profile.name, profile.version);
  const refusal = { what: `the certificate under profile ${version}`, field: "csr" };
  const parsed = readBuilt(() => parseTbsCertificate(tbs), refusal);
  const { max_validity_seconds: maxValiditySeconds, conforms_to: conformsTo } = profile.spec;
  const context = { kind: "leaf", issuer: material.certificate, maxValiditySeconds, nowMs: now } as const;
  assertLintFree(lintTbsCertificate(parsed, context, { conformsTo }), refusal);
  const { signatureAlgorithm } = material;
  const shape = `leaf/${issuer.id}/${version}/${keyAlgorithmName(parsed.key)}`;
  await assertShapeLintFree(shape, { ...refusal, kind: "leaf", tbs, signatureAlgorithm });
  const requestHash = sha256Parts(
    "trstctl/issue/1",
    call.operation,
    issuer.id,
    version,
    command.csr,
    String(command.validitySeconds ?? ""),
  );
  const signed = await deps.signer.sign({
    opId: `issue/${requestHash.slice(0, 40)}`,
    tenant: call.principal.tenant,
    handle: issuer.state.handle,
    type: "certificate",
    profile: version,
    requestHash,
    tbs,
  });
  // A repeated operation gives back what was signed the first time; the fresh serial is then dropped.
  return signedCertificate(issuer.id, shard, signed, sameBytes(signed.tbs, tbs) ? parsed : undefined);
}

function assertExactNames({ names }: CertificateRequest, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const expected = new Set(wanted.map((name) => name.toLowerCase()));
  const extra = names.filter(({ type, value }) => type !== "dns" || !expected.has(value));
  const missing = [...expected].filter((name) => !names.some(({ type, value }) => type === "dns" && value === name));
  if (extra.length === 0 && missing.length === 0) return;
  throw new Failure(
    "unprocessable",
    `the request must name exactly ${[...expected].join(", ")}; missing: ${missing.join(", ") || "none"}, beyond: ${extra.map(({ value }) => value).join(", ") || "none"}`,
    { field: "csr" },
  );
}

async function resolveProfile(deps: Deps, tenant: string, name: string): Promise<Profile> {
  return (await referencedProfile(deps, tenant, name)).state;
}

/** The named issuer, or the tenant's oldest that issues. @throws Failure `unprocessable` */
async function resolveIssuer(deps: Deps, tenant: string, id: string | undefined): Promise<Present<"issuer">> {
  if (id !== undefined) {
    const issuer = await referenced(deps, tenant, "issuer", id, "issuer_id");
    assertIssues(issuer.state, deps.clock.now());
    return issuer;
  }
  const oldest = await oldestIssuer(deps, tenant);
  if (oldest === undefined)
    throw new Failure("unprocessable", "the tenant has no active issuing CA; create one", { field: "issuer_id" });
  return oldest;
}

/** The tenant's oldest CA that issues, when it has one. */
export async function oldestIssuer(deps: Deps, tenant: string): Promise<Present<"issuer"> | undefined> {
  const now = deps.clock.now();
  let oldest: Present<"issuer"> | undefined;
  for await (const issuer of allIssuers(deps, tenant)) {
    const { role, status, not_after, created_at } = issuer.state;
    if (role !== "issuing" || status !== "active" || Date.parse(not_after) <= now) continue;
    if (oldest === undefined || created_at < oldest.state.created_at) oldest = issuer;
  }
  return oldest;
}
