/** How often people and programs signed in, and why they did not: counted by words of closed lists, never by one of a request. */
import type { Decision, ProtocolRequest } from "#shared/http/protocol-requests";
import { Failure } from "#shared/kernel/failure";
import { shownFailure } from "#shared/kernel/shown-failure";
import { OAuthError } from "./oauth.ts";

/** Of a sign-in, what is counted on its own. */
export type SignInStep =
  | "link"
  | "provider-begin"
  | "provider"
  | "provider-logout"
  | "device-begin"
  | "device-token"
  | "device-decision";

/** What `reason` of a refusal may be; of others its code is counted, which is one of a list as well. */
const reasons: ReadonlySet<unknown> = new Set([
  "another_browser",
  "another_person",
  "another_provider",
  "client_refused",
  "csrf",
  "groups_left_out",
  "no_such_tenant",
  "not_proven",
  "offboarded",
  "provider_refused",
  "provider_unreachable",
  "provider_wrong",
  "several_tenants",
  "step_up_required",
  "unknown_state",
  "unmapped",
]);

/** @param error what it was refused with, if it was thrown */
export function signInRequest(step: SignInStep, status: number, error: unknown): ProtocolRequest {
  const request = { protocol: "sign-in", operation: step } as const;
  if (status < 400) return { ...request, decision: "allow" };
  const reason = reasonOf(error);
  return { ...request, decision: decisionOf(status, reason), reason };
}

function decisionOf(status: number, reason: string): Decision {
  if (reason === "authorization_pending") return "pending";
  if (status === 429 || status === 503 || reason === "slow_down") return "shed";
  return status < 500 ? "deny" : "error";
}

function reasonOf(error: unknown): string {
  if (error === undefined) return "malformed"; // what a provider is told in a form of its own
  if (error instanceof OAuthError) return error.error;
  if (!(error instanceof Failure)) return "internal";
  const reason = error.extensions?.["reason"];
  return reasons.has(reason) ? String(reason) : shownFailure(error).code;
}
