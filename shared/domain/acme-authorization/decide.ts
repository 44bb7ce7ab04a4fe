import { Failure } from "#shared/kernel/failure";
import type {
  AcmeAuthorization,
  AcmeAuthorizationEvent,
  AcmeChallengeType,
  AcmeProblem,
} from "./acme-authorization.ts";

/** When, and whether the endpoint asks for proofs of names by now. */
export interface Judging {
  readonly nowMs: number;
  readonly proofs: boolean;
}

/**
 * Expired ones stay as they are stored; what they count as is `invalid` (RFC 8555 7.1.6). So does what was opened while the
 * endpoint asked for no proof: nothing would tell it from a proof once it does.
 */
export function acmeAuthorizationStatus(
  { status, expires, challenges }: AcmeAuthorization,
  { nowMs, proofs }: Judging,
): AcmeAuthorization["status"] | "expired" | "revoked" {
  if (status !== "pending" && status !== "valid") return status;
  if (Date.parse(expires) <= nowMs) return "expired";
  return proofs && challenges.length === 0 ? "revoked" : status;
}

/**
 * The client says that a challenge is ready (RFC 8555 7.5.1).
 * @returns undefined when it said so before: nothing is to be done
 * @throws Failure `conflict` for an authorization that is over, or tries another challenge
 */
export function decideAttempt(
  authorization: AcmeAuthorization,
  challenge: AcmeChallengeType,
  nowMs: number,
): AcmeAuthorizationEvent | undefined {
  const { status, tried, expires, challenges } = authorization;
  if (!challenges.includes(challenge))
    throw new Failure("not_found", `the authorization has no challenge ${challenge}`);
  if (tried === challenge && status !== "deactivated") return undefined;
  if (acmeAuthorizationStatus(authorization, { nowMs, proofs: true }) === "expired")
    throw new Failure("conflict", `the authorization expired at ${expires}; make a new order`);
  if (status !== "pending") throw new Failure("conflict", `the authorization is ${status}; make a new order`);
  if (tried !== null)
    throw new Failure("conflict", `the authorization tries ${tried} already; one challenge decides it`);
  return { type: "acme-authorization.attempted", data: { challenge } };
}

/** @returns undefined when it is over already, by another process or by the client */
export function decideSettle(
  { status, tried }: AcmeAuthorization,
  outcome: { readonly valid: true; readonly expires: string } | { readonly valid: false; readonly error: AcmeProblem },
): AcmeAuthorizationEvent | undefined {
  if (status !== "pending" || tried === null) return undefined;
  return outcome.valid
    ? { type: "acme-authorization.validated", data: { challenge: tried, expires: outcome.expires } }
    : { type: "acme-authorization.failed", data: { challenge: tried, error: outcome.error } };
}

/** RFC 8555 7.5.2. @throws Failure `conflict` for one that is over */
export function decideDeactivateAuthorization(authorization: AcmeAuthorization): AcmeAuthorizationEvent {
  const { status } = authorization;
  if (status !== "pending" && status !== "valid")
    throw new Failure("conflict", `the authorization is ${status} already`);
  return { type: "acme-authorization.deactivated", data: {} };
}
