import { Failure } from "#shared/kernel/failure";
import type { CertificateRef, Identity, IdentityEvent } from "./identity.ts";
import { edges, edgesAfterFailure, type TransitionTarget } from "./transitions.ts";

/** @throws Failure `invalid_transition` with `from`, `to` and the edges that there are. */
export function assertTransition(identity: Identity, to: TransitionTarget): void {
  const allowed: readonly TransitionTarget[] =
    identity.failure === null ? edges[identity.status] : edgesAfterFailure[identity.failure.retry_to];
  if (allowed.includes(to)) return;
  const way =
    allowed.length === 0 ? `${identity.status} is final` : `from ${identity.status} it goes to ${allowed.join(" or ")}`;
  throw new Failure("invalid_transition", `the identity cannot go from ${identity.status} to ${to}: ${way}`, {
    field: "to",
    extensions: { from: identity.status, to, allowed },
  });
}

export interface PlainTransition {
  readonly to: Exclude<TransitionTarget, "issued" | "renewing">;
  readonly reason: string;
  readonly note: string | null;
  /** The identity's live certificates, for `revoked`. */
  readonly certificates: readonly CertificateRef[];
}

/** Every transition that mints nothing. @throws Failure `invalid_transition` */
export function decideTransition(identity: Identity, command: PlainTransition): IdentityEvent {
  assertTransition(identity, command.to);
  const { note } = command;
  switch (command.to) {
    case "deployed":
      return { type: "identity.deployed", data: { note } };
    case "revoked":
      return { type: "identity.revoked", data: { reason: command.reason, certificates: command.certificates } };
    case "retired":
      return { type: "identity.retired", data: { note, owner: identity.owner } };
    case "cancelled":
      return { type: "identity.cancelled", data: { note, owner: identity.owner } };
  }
}
