import { Failure } from "#shared/kernel/failure";
import { assertActive } from "../enrolment-endpoint/decide.ts";
import type { EnrolmentEndpoint } from "../enrolment-endpoint/enrolment-endpoint.ts";
import type { EnrolmentRequest, EnrolmentRequestEvent, EnrolmentRequested } from "./enrolment-request.ts";
import type { CredentialUse } from "../enrolment-credential/enrolment-credential.ts";

export const maxPendingRequests = 10_000;
/** Then a request that nobody decided counts as refused. */
export const decideWithinMs = 14 * 86_400_000;

/** @throws Failure `conflict` where approval is no longer manual, `rate_limited` when too many wait */
export function decideOpenRequest(
  endpoint: EnrolmentEndpoint,
  data: EnrolmentRequested & { readonly credential?: CredentialUse },
): EnrolmentRequestEvent {
  assertActive(endpoint);
  if (endpoint.approval !== "manual")
    throw new Failure("conflict", "the endpoint approves by itself meanwhile; try again", { retryAfter: 1 });
  if (endpoint.pending_requests >= maxPendingRequests)
    throw new Failure(
      "rate_limited",
      `${maxPendingRequests} requests wait for approval at this endpoint; somebody must decide some first`,
      { retryAfter: 3600 },
    );
  return { type: "enrolment-request.created", data };
}

/** @throws Failure `conflict` for one that is decided, too late, or of an endpoint that is disabled */
export function assertApprovable(request: EnrolmentRequest, endpoint: EnrolmentEndpoint, nowMs: number): void {
  assertPending(request);
  assertActive(endpoint);
  if (Date.parse(request.expires_at) <= nowMs)
    throw new Failure("conflict", `the request expired at ${request.expires_at}; the client asks anew`, {
      field: "id",
    });
}

/** @throws Failure `conflict` when it is decided already */
export function decideRefuseRequest(request: EnrolmentRequest, reason: string): EnrolmentRequestEvent {
  assertPending(request);
  return { type: "enrolment-request.refused", data: { endpoint: request.endpoint, reason } };
}

function assertPending({ status, decided_at, decided_by }: EnrolmentRequest): void {
  if (status !== "pending")
    throw new Failure("conflict", `the request was ${status} at ${decided_at ?? "-"} by ${decided_by ?? "-"}`, {
      field: "id",
    });
}
