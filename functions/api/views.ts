/** State as the API shows it. */
import type { Certificate } from "#shared/domain/certificate/certificate";
import type { Identity } from "#shared/domain/identity/identity";
import type { Issuer } from "#shared/domain/issuer/issuer";
import { responderKeyAlgorithm } from "#shared/domain/issuer/responder-key-algorithm";
import type { Member } from "#shared/domain/member/member";
import { destinationFacts } from "#shared/domain/outbox/destinations";
import type { OutboxEntry } from "#shared/domain/outbox/outbox";
import type { Owner } from "#shared/domain/owner/owner";
import type { Profile } from "#shared/domain/profile/profile";
import type { RevocationJob } from "#shared/domain/revocation-job/revocation-job";
import type { Token } from "#shared/domain/token/token";
import { fromBase64 } from "#shared/kernel/bytes";
import { pemEncode } from "#shared/pki/pem";
import type { Present } from "#shared/usecases/load";
import { revocationUrls } from "#shared/pki/revocation-urls";

export const ownerView = (id: string, { references: _, ...owner }: Owner) => ({ id, ...owner });

export const issuerView = (id: string, issuer: Issuer, chain: readonly Issuer[]) => {
  const urls = revocationUrls(issuer.revocation_base_url, id);
  return {
    id,
    kind: "x509_ca",
    role: issuer.role,
    name: issuer.name,
    status: issuer.status,
    parent_id: issuer.parent,
    subject: issuer.subject,
    key_algorithm: issuer.key_algorithm,
    signature_algorithm: issuer.signature_algorithm,
    responder_key_algorithm: responderKeyAlgorithm(issuer),
    key_backend: issuer.key_backend ?? "sealed",
    serial: issuer.serial,
    not_before: issuer.not_before,
    not_after: issuer.not_after,
    permitted_dns: issuer.permitted_dns,
    ocsp_url: urls.ocspUrl,
    ca_issuers_url: urls.caIssuersUrl,
    crl_urls: Array.from({ length: issuer.shards }, (_, shard) => urls.crlUrl(shard)),
    certificate: certificatePem(issuer.certificate),
    chain: chain.map(({ certificate }) => certificatePem(certificate)),
    created_at: issuer.created_at,
  };
};

/** @param der base64 */
export const certificatePem = (der: string): string => pemEncode("CERTIFICATE", fromBase64(der));

export const certificateView = (id: string, certificate: Certificate, nowMs: number) => ({
  id,
  kind: certificate.kind,
  serial: certificate.serial,
  status:
    certificate.status !== "revoked" && Date.parse(certificate.not_after) <= nowMs ? "expired" : certificate.status,
  subject: certificate.subject,
  sans: certificate.sans,
  issuer_id: certificate.issuer,
  profile: certificate.profile,
  protocol: certificate.protocol,
  endpoint: certificate.endpoint ?? null,
  identity_id: certificate.identity,
  owner_id: certificate.owner,
  replaces_id: certificate.replaces,
  replaced_by_id: certificate.replaced_by,
  key_algorithm: certificate.key_algorithm,
  fingerprint: certificate.fingerprint,
  not_before: certificate.not_before,
  not_after: certificate.not_after,
  revoked_at: certificate.revoked_at,
  revocation_reason: certificate.reason,
  created_at: certificate.created_at,
});

export const identityView = (id: string, identity: Identity) => ({
  id,
  kind: identity.kind,
  name: identity.name,
  owner_id: identity.owner,
  issuer_id: identity.issuer,
  profile: identity.profile,
  dns_names: identity.dns_names,
  status: identity.status,
  certificate_id: identity.certificate,
  failure: identity.failure,
  attributes: identity.attributes,
  history: identity.history,
  created_at: identity.created_at,
  updated_at: identity.updated_at,
});

export const profileView = (profile: Profile, active: boolean) => ({ ...profile, active });

export const tokenView = (id: string, { secret_sha256: _, generation: __, client, ...token }: Token) => ({
  id,
  ...token,
  client: client ?? null,
});

export const memberView = (subject: string, { tokens_from: _, generation: __, ...member }: Member) => ({
  subject,
  ...member,
});

export const revocationJobView = (id: string, job: RevocationJob) => {
  const { issuer, profile, owner, certificates } = job.filter;
  return {
    id,
    status: job.status,
    mode: job.mode,
    reason: job.reason,
    issuer_id: issuer ?? null,
    profile: profile ?? null,
    owner_id: owner ?? null,
    certificate_ids: certificates ?? null,
    matched: job.matched,
    revoked: job.revoked,
    crls_pending: job.shards.length,
    requested_by: job.requested_by,
    created_at: job.created_at,
    updated_at: job.updated_at,
  };
};

type Attempt = { readonly attempts: number; readonly nextAt: number; readonly error: string };

export const outboxView = (id: string, entry: OutboxEntry, attempt?: Attempt) => {
  const waiting = entry.status === "pending" ? attempt : undefined;
  return {
    id,
    destination: entry.destination,
    status: entry.status,
    attempts: waiting?.attempts ?? entry.attempts,
    last_error: waiting?.error ?? entry.error,
    next_attempt_at: waiting === undefined ? null : new Date(waiting.nextAt).toISOString(),
    created_at: entry.created_at,
  };
};

export const outboxDetail = ({ id, state, origin }: Present<"outbox">, attempt: Attempt | undefined) => {
  const facts = destinationFacts(state.destination);
  const about = (facts?.about ?? []).flatMap((name) => {
    const value = Object.hasOwn(state.payload, name) ? state.payload[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...outboxView(id, state, attempt),
    does: facts?.does ?? null,
    about: Object.fromEntries(about),
    asked_by: { lane: origin.lane, sequence: origin.seq },
  };
};
