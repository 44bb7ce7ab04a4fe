import type { identityStatuses, transitionTargets } from "#shared/contracts/api/identities";

export type IdentityStatus = (typeof identityStatuses)[number];
export type TransitionTarget = (typeof transitionTargets)[number];

/**
 * Every edge of the lifecycle (behaviour §9, with a failure state and a way to cancel). What is not here is refused.
 * `failed` is left by trying again what failed; which of its edges apply depends on what that was.
 */
export const edges: Readonly<Record<IdentityStatus, readonly TransitionTarget[]>> = {
  requested: ["issued", "cancelled"],
  failed: ["issued", "cancelled", "renewing", "deployed", "revoked"],
  issued: ["deployed", "revoked"],
  deployed: ["renewing", "revoked"],
  renewing: ["deployed", "revoked"],
  revoked: ["retired"],
  retired: [],
  cancelled: [],
};

/** Edges out of `failed`, by what failed: a failed renewal leaves a deployed certificate behind, a failed first issuance none. */
export const edgesAfterFailure = {
  issued: ["issued", "cancelled"],
  renewing: ["renewing", "deployed", "revoked"],
} as const satisfies Record<string, readonly TransitionTarget[]>;
