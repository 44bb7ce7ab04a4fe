/** Enrolment state as the API shows it. */
import type { EnrolmentCredential } from "#shared/domain/enrolment-credential/enrolment-credential";
import type { EnrolmentEndpoint } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import type { EnrolmentRequest } from "#shared/domain/enrolment-request/enrolment-request";

export const enrolmentEndpointView = (label: string, { issuer, owner, ...endpoint }: EnrolmentEndpoint) => ({
  label,
  issuer_id: issuer,
  owner_id: owner,
  ...endpoint,
  terms_of_service: endpoint.terms_of_service ?? null,
});

export const enrolmentCredentialView = (id: string, { uses, ...credential }: EnrolmentCredential) => ({
  id,
  ...credential,
  uses: uses.length,
});

export const enrolmentRequestView = (
  id: string,
  { fingerprint: _, spki: __, opened_with, renews, replaces, certificate, status, ...request }: EnrolmentRequest,
  nowMs: number,
) => ({
  id,
  ...request,
  status: status === "pending" && Date.parse(request.expires_at) <= nowMs ? "expired" : status,
  credential_id: opened_with,
  renews_id: renews ?? replaces,
  certificate_id: certificate,
});
