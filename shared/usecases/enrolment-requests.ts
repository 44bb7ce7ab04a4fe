/** Enrolment requests that wait for a person, and what becomes of them. */
import { decideOpenRequest, decideRefuseRequest, decideWithinMs } from "#shared/domain/enrolment-request/decide";
import { base64 } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { generalNameText } from "#shared/pki/general-name";
import { keyAlgorithmName } from "#shared/pki/key";
import { assertMayGrant } from "#shared/policy/ra-split";
import type { CertificateRequest } from "./certificate-request.ts";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { countingAt } from "./enrolment-endpoints.ts";
import type { Enrolled, Enrolment } from "./enrolment.ts";
import type { IssueFor } from "./issue-certificate.ts";
import { existing } from "./load.ts";
import { isoTime } from "./signed-certificate.ts";

/** How soon a client may ask again. */
const retryAfterSeconds = 60;

/** The id under which a transaction waits. */
const requestId = (operation: string): string => operation.slice(0, 32);

interface Waiting {
  readonly operation: string;
  readonly fingerprint: string;
  /** SHA-256 of the request's bytes, hex. */
  readonly digest: string;
  readonly more: () => Promise<IssueFor>;
}

/** @throws Failure `rate_limited` when too many wait already */
export async function openRequest(
  deps: Deps,
  enrolment: Enrolment,
  { key, subject, names }: CertificateRequest,
  { operation, fingerprint, digest, more }: Waiting,
): Promise<Enrolled> {
  const { tenant, label, state } = enrolment.endpoint;
  const { notAfterMs, validitySeconds } = enrolment;
  const id = requestId(operation);
  const requested = {
    endpoint: label,
    protocol: enrolment.protocol,
    subject: enrolment.subject,
    transaction: enrolment.transaction,
    opened_with: enrolment.credential?.id ?? null,
    fingerprint,
    request_sha256: digest,
    spki: base64(key.spki),
    key_algorithm: keyAlgorithmName(key),
    common_name: subject[0]?.[0]?.value ?? null,
    names: names.map(generalNameText),
    renews: enrolment.renews?.id ?? null,
    replaces: enrolment.replaces ?? null,
    profile: enrolment.profile ?? state.profile,
    validity_seconds: validitySeconds ?? null,
    not_after: notAfterMs === undefined ? null : isoTime(notAfterMs),
    expires_at: isoTime(deps.clock.now() + decideWithinMs),
  };
  const principal = { tenant, subject: enrolment.subject, roles: [], scopes: [] };
  const call: Call = { principal, operation, ...(enrolment.trace !== undefined && { trace: enrolment.trace }) };
  const open = async () => {
    const stream = await deps.log.load(tenant, "enrolment-request", id);
    if (stream.state !== undefined) throw new Failure("idempotency_replayed", "the same request waits already");
    const endpoint = await existing(deps, tenant, "enrolment-endpoint", label);
    const { data, touches } = await more();
    const credential = data.credential;
    const used = touches.filter(
      ({ kind, id: touched }) => kind === "enrolment-credential" && touched === credential?.id,
    );
    return {
      stream,
      event: decideOpenRequest(endpoint.state, { ...requested, ...(credential !== undefined && { credential }) }),
      touches: [endpoint, ...used],
    };
  };
  try {
    await countingAt(deps, tenant, label, () => change(deps, call, open));
  } catch (error) {
    if (!isFailure(error, "idempotency_replayed")) throw error;
  }
  return { pending: { request: id, retryAfterSeconds } };
}

/**
 * What became of the request of an operation.
 * @param check of the fingerprint of the first request
 * @returns undefined when there is none
 * @throws Failure `forbidden` when it was refused, or nobody decided in time
 */
export async function requestOf(
  deps: Deps,
  tenant: string,
  operation: string,
  check?: (fingerprint: string) => void,
): Promise<{ readonly certificate: string } | Extract<Enrolled, { pending: unknown }> | undefined> {
  const id = requestId(operation);
  const { state } = await deps.log.load(tenant, "enrolment-request", id);
  if (state === undefined) return undefined;
  check?.(state.fingerprint);
  if (state.certificate !== null) return { certificate: state.certificate };
  if (state.status === "refused") throw new Failure("forbidden", `the request was refused: ${state.reason ?? ""}`);
  if (Date.parse(state.expires_at) <= deps.clock.now())
    throw new Failure("forbidden", "nobody decided about the request in time; begin a new transaction");
  return { pending: { request: id, retryAfterSeconds } };
}

/** @throws Failure `conflict` when it is decided already */
export async function refuseRequest(deps: Deps, call: Call, id: string, reason: string): Promise<void> {
  assertMayGrant(call.principal, "issue");
  const { tenant } = call.principal;
  await change(deps, call, async () => {
    const stream = await existing(deps, tenant, "enrolment-request", id);
    const endpoint = await existing(deps, tenant, "enrolment-endpoint", stream.state.endpoint);
    return { stream, event: decideRefuseRequest(stream.state, reason), touches: [endpoint] };
  });
}
