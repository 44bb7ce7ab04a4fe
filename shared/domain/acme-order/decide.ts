import type { AcmeAuthorization } from "../acme-authorization/acme-authorization.ts";
import { acmeAuthorizationStatus, type Judging } from "../acme-authorization/decide.ts";
import { Failure } from "#shared/kernel/failure";
import type { AcmeOrder, AcmeOrderEvent } from "./acme-order.ts";

/** RFC 8555 7.1.6. */
export type AcmeOrderStatus = "pending" | "ready" | "processing" | "valid" | "invalid";

/**
 * @param authorizations those of the order
 * @param request what a person said to its enrolment request, where there is one
 */
export function acmeOrderStatus(
  order: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
  request: "pending" | "refused" | "issued" | undefined,
  judging: Judging,
): AcmeOrderStatus {
  if (order.certificate !== null || request === "issued") return "valid";
  if (request === "refused") return "invalid";
  if (request === "pending") return "processing";
  if (Date.parse(order.expires) <= judging.nowMs) return "invalid";
  const all = authorizations.map((authorization) => acmeAuthorizationStatus(authorization, judging));
  if (all.every((status) => status === "valid")) return "ready";
  return all.every((status) => status === "valid" || status === "pending") ? "pending" : "invalid";
}

/** A person is to approve it. @throws Failure `conflict` when it was finalized already */
export function decideSubmit({ certificate, request }: AcmeOrder, submitted: string): AcmeOrderEvent {
  if (certificate !== null || request !== null)
    throw new Failure("conflict", "the order was finalized already; ask for it to see what became of it");
  return { type: "acme-order.submitted", data: { request: submitted } };
}
