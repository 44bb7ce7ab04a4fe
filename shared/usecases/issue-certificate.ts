/** The one way to a leaf certificate (DESIGN §2a); every protocol and route calls it. */
import { sha256Hex, sha256Parts } from "#shared/crypto/hash";
import { certificateId, type IssuedCertificate } from "#shared/domain/certificate/certificate";
import { assertIssues as assertIssuerActive } from "#shared/domain/issuer/decide";
import { evaluateProfile } from "#shared/domain/profile/evaluate";
import { type Profile, profileVersionId } from "#shared/domain/profile/profile";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { generalNameText, type SubjectName } from "#shared/pki/general-name";
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

/** PKCS#10 (DER), or what a protocol read in a format of its own and found proven; `bytes` is what it was read from. */
export type RequestSource =
  | { readonly csr: Uint8Array }
  | { readonly proven: CertificateRequest; readonly bytes: Uint8Array }
  | { readonly proven: CertificateRequest /** Of the bytes: SHA-256, hex. */; readonly digest: string };

export interface IssueTerms {
  readonly protocol: string;
  /** `name` (its active version) or `name@version`; default `default`. */
  readonly profile?: string | undefined;
  readonly issuer?: string | undefined;
  readonly validitySeconds?: number | undefined;
  /** The moment in which it ends, instead. Milliseconds. */
  readonly notAfterMs?: number | undefined;
  /** The moment in which it begins; default: now, a minute back. The signer takes a day back and an hour ahead. Milliseconds. */
  readonly notBeforeMs?: number | undefined;
  readonly owner?: string | undefined;
  /** The names that the request must have, exactly. */
  readonly names?: readonly SubjectName[] | undefined;
}

export type IssueCommand = IssueTerms & RequestSource;

/** What else the event is about, loaded anew on every try of the commit. */
export interface IssueFor {
  readonly data: Pick<IssuedCertificate, "identity" | "replaces" | "endpoint" | "credential" | "request">;
  readonly touches: readonly Snapshot[];
  /** What the answer shows, given the certificate's id; default that. */
  readonly resource?: (certificate: string) => string;
}

export interface Issued {
  readonly certificate: Present<"certificate">;
  readonly der: Uint8Array;
  readonly issuer: Present<"issuer">;
}

const backdateMs = 60_000;

/**
 * @param bound called just before the commit
 * @throws Failure `malformed`, `invalid_field`, `unprocessable` for the request; `guard_refused`, `unavailable` from the signer
 */
export async function issueCertificate(
  deps: Deps,
  call: Call,
  command: IssueCommand,
  bound?: () => Promise<IssueFor>,
): Promise<Issued> {
  assertMayGrant(call.principal, "issue");
  const { tenant } = call.principal;
  const resolved = await resolve(deps, tenant, command);
  const { profile, issuer } = resolved;
  const started = deps.clock.now();
  const signed = await signLeaf(deps, call, command, resolved).catch((error: unknown) => {
    // The clock was set back meanwhile: what was built a moment ago lies in the signer's future.
    if (isFailure(error, "guard_refused") && deps.clock.now() < started) return signLeaf(deps, call, command, resolved);
    throw error;
  });
  const { facts, der } = signed;
  const id = certificateId(issuer.id, facts.serial);
  const decide = async (): Promise<Change<"certificate">> => {
    const more = await bound?.();
    const owner =
      command.owner === undefined ? [] : [await referenced(deps, tenant, "owner", command.owner, "owner_id")];
    const data: IssuedCertificate = {
      ...facts,
      profile: profileVersionId(profile.name, profile.version),
      protocol: command.protocol,
      ...(command.owner !== undefined && { owner: command.owner }),
      ...more?.data,
      ...replacedUntil(more),
    };
    const stream: Snapshot<"certificate"> = { kind: "certificate", id, rev: 0, state: undefined, origin: undefined };
    return {
      stream,
      event: { type: "certificate.issued", data },
      touches: [...(more?.touches ?? []), ...owner],
      resource: more?.resource?.(id) ?? id,
    };
  };
  const certificate = await change(deps, call, decide).catch(async (error: unknown) => {
    // A repeated operation may find its certificate recorded by the first try: then it is done.
    const recorded = isFailure(error, "conflict") ? await deps.log.load(tenant, "certificate", id) : undefined;
    if (recorded?.state?.fingerprint !== facts.fingerprint) throw error;
    if (recorded.state.revoked_at !== null)
      throw new Failure(
        "conflict",
        "what the first try signed was revoked meanwhile; start a new operation (another Idempotency-Key or transaction)",
      );
    return recorded;
  });
  return { certificate: certificate as Present<"certificate">, der, issuer };
}

/** The index of what was superseded goes by it. */
function replacedUntil(more: IssueFor | undefined): Pick<IssuedCertificate, "replaces_until"> {
  const id = more?.data.replaces;
  const replaced = more?.touches.find((one) => one.kind === "certificate" && one.id === id) as
    | Snapshot<"certificate">
    | undefined;
  return replaced?.state === undefined ? {} : { replaces_until: replaced.state.not_after };
}

interface Resolved {
  readonly request: CertificateRequest;
  readonly digest: string;
  readonly profile: Profile;
  readonly issuer: Present<"issuer">;
}

/** What the command refers to. @throws Failure as `issueCertificate`, for what can be told without signing */
async function resolve(deps: Deps, tenant: string, command: IssueCommand): Promise<Resolved> {
  const request = "csr" in command ? await readCertificateRequest(command.csr) : command.proven;
  if (command.names !== undefined) assertExactNames(request, command.names);
  const { state: profile } = await referencedProfile(deps, tenant, command.profile ?? "default");
  const issuer = await resolveIssuer(deps, tenant, command.issuer ?? profile.spec.issuer_id);
  assertNotBeforeIssuer(command, issuer);
  // Before anything is signed; once more with the commit.
  if (command.owner !== undefined) await referenced(deps, tenant, "owner", command.owner, "owner_id");
  return { request, digest: requestDigest(command), profile, issuer };
}

/** Who asks for a begin must not get one at which there was nobody to issue it. @throws Failure `unprocessable` */
function assertNotBeforeIssuer({ notBeforeMs }: IssueCommand, { id, state }: Present<"issuer">): void {
  const { certificate } = issuerMaterial(id, state);
  if (notBeforeMs === undefined || Math.floor(notBeforeMs / 1000) * 1000 >= certificate.notBeforeMs) return;
  throw new Failure(
    "unprocessable",
    `the certificate would begin before its issuer, which began at ${new Date(certificate.notBeforeMs).toISOString()}; ask for a later begin, or for none`,
    { field: "not_before" },
  );
}

/** SHA-256 of the request's bytes, hex. */
export const requestDigest = (source: RequestSource): string =>
  "digest" in source ? source.digest : sha256Hex("csr" in source ? source.csr : source.bytes);

/**
 * Refuses what issuing would refuse, before anybody is asked to approve it; signs nothing.
 * @throws Failure as `issueCertificate`
 */
export async function assertIssues(deps: Deps, tenant: string, command: IssueCommand): Promise<void> {
  granted(command, await resolve(deps, tenant, command), notBefore(command, deps.clock.now()));
}

const notBefore = ({ notBeforeMs }: IssueCommand, nowMs: number): number =>
  Math.floor((notBeforeMs ?? nowMs - backdateMs) / 1000) * 1000;

/** @returns when the certificate ends: both ends count (RFC 5280 4.1.2.5) */
function granted(command: IssueCommand, { request, profile }: Resolved, notBeforeMs: number): number {
  const end = command.notAfterMs === undefined ? undefined : Math.floor(command.notAfterMs / 1000) * 1000;
  const backdated = command.notBeforeMs === undefined ? backdateMs : 0;
  if (end !== undefined && end <= notBeforeMs + backdated)
    throw new Failure("unprocessable", "the certificate would end before it begins", { field: "not_after" });
  const { validitySeconds } = evaluateProfile(profile, {
    protocol: command.protocol,
    key: request.key,
    names: request.names,
    validitySeconds: end === undefined ? command.validitySeconds : secondsUntil(end, notBeforeMs, profile),
  });
  return notBeforeMs + validitySeconds * 1000 - 1000;
}

/** Who asks for an end counts from now: that we backdate, and count the last second, is not to make it too long. */
function secondsUntil(endMs: number, notBeforeMs: number, { spec }: Profile): number {
  const seconds = (endMs + 1000 - notBeforeMs) / 1000;
  return seconds - 1 - backdateMs / 1000 <= spec.max_validity_seconds
    ? Math.min(seconds, spec.max_validity_seconds)
    : seconds;
}

async function signLeaf(deps: Deps, call: Call, command: IssueCommand, resolved: Resolved): Promise<SignedLeaf> {
  const { request, digest, profile, issuer } = resolved;
  const now = deps.clock.now();
  const material = issuerMaterial(issuer.id, issuer.state);
  const notBeforeMs = notBefore(command, now);
  // No certificate outlives its issuer.
  const notAfterMs = Math.min(granted(command, resolved, notBeforeMs), material.notAfterMs);
  const shard = await takeCrlPlace(deps, call.principal.tenant, issuer.id, notAfterMs);
  const tbs = leafTbs({
    issuer: material,
    spec: profile.spec,
    subject: request.subject,
    names: request.names,
    key: request.key,
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
    "trstctl/issue/2",
    call.operation,
    issuer.id,
    version,
    digest,
    String(command.validitySeconds ?? ""),
    String(command.notAfterMs ?? ""),
    ...(command.notBeforeMs === undefined ? [] : [String(command.notBeforeMs)]),
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

function assertExactNames({ names }: CertificateRequest, wanted: readonly SubjectName[]): void {
  const asked = new Set(names.map(generalNameText));
  const expected = new Set(wanted.map(generalNameText));
  const missing = [...expected].filter((name) => !asked.has(name));
  const beyond = [...asked].filter((name) => !expected.has(name));
  if (beyond.length === 0 && missing.length === 0) return;
  throw new Failure(
    "unprocessable",
    `the request must name exactly ${[...expected].join(", ") || "nothing"}; missing: ${missing.join(", ") || "none"}, beyond: ${beyond.join(", ") || "none"}`,
    { field: "csr" },
  );
}

/** The named issuer, or the tenant's oldest that issues. @throws Failure `unprocessable` */
async function resolveIssuer(deps: Deps, tenant: string, id: string | undefined): Promise<Present<"issuer">> {
  if (id !== undefined) {
    const issuer = await referenced(deps, tenant, "issuer", id, "issuer_id");
    assertIssuerActive(issuer.state, deps.clock.now());
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
