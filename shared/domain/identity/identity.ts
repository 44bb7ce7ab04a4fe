import { certificateId } from "../certificate/certificate.ts";
import { type Aggregate, present, unconcerned } from "../aggregate.ts";
import type { IdentityStatus } from "./transitions.ts";

export interface Identity {
  readonly kind: "x509_certificate";
  readonly name: string;
  readonly owner: string;
  readonly issuer: string | null;
  readonly profile: string | null;
  /** The names its certificates must carry, exactly; empty: whatever the request asks for within the profile. */
  readonly dns_names: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: IdentityStatus;
  /** The newest certificate. */
  readonly certificate: string | null;
  /** Every certificate of it that is neither revoked nor expired; revoking the identity revokes them all. */
  readonly live_certificates: readonly LiveCertificate[];
  readonly failure: Failed | null;
  /** The last 50 steps. */
  readonly history: readonly Step[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Failed {
  readonly code: string;
  readonly detail: string;
  readonly at: string;
  readonly retry_to: "issued" | "renewing";
}

export interface Step {
  readonly from: IdentityStatus;
  readonly to: IdentityStatus;
  readonly at: string;
  readonly by: string;
  readonly reason: string | null;
}

export interface LiveCertificate {
  readonly id: string;
  readonly not_after: string;
}

/** A certificate as a revocation needs it. */
export interface CertificateRef {
  readonly issuer: string;
  readonly serial: string;
  readonly shard: number;
  /** Absent in what earlier releases wrote. */
  readonly not_after?: string;
}

export type IdentityEvent =
  | {
      readonly type: "identity.created";
      readonly data: Pick<Identity, "kind" | "name" | "owner" | "issuer" | "profile" | "dns_names" | "attributes">;
    }
  | {
      readonly type: "identity.issuance-failed";
      readonly data: { readonly code: string; readonly detail: string; readonly retry_to: "issued" | "renewing" };
    }
  | { readonly type: "identity.deployed"; readonly data: { readonly note: string | null } }
  | {
      readonly type: "identity.revoked";
      readonly data: { readonly reason: string; readonly certificates: readonly CertificateRef[] };
    }
  | { readonly type: "identity.retired"; readonly data: { readonly note: string | null; readonly owner: string } }
  | { readonly type: "identity.cancelled"; readonly data: { readonly note: string | null; readonly owner: string } };

const historyLength = 50;

export const identityAggregate: Aggregate<Identity> = {
  evolve(state, event, { time, actor }, id) {
    if (event.type === "identity.created") {
      return {
        ...event.data,
        status: "requested",
        certificate: null,
        live_certificates: [],
        failure: null,
        history: [],
        created_at: time,
        updated_at: time,
      };
    }
    const identity = present(state, "identity", event);
    const step = (to: IdentityStatus, changes: Partial<Identity>, reason: string | null = null): Identity => ({
      ...identity,
      failure: null,
      ...changes,
      status: to,
      history: [...identity.history, { from: identity.status, to, at: time, by: actor, reason }].slice(-historyLength),
      updated_at: time,
    });
    switch (event.type) {
      case "certificate.issued": {
        if (event.data.identity?.id !== id) return unconcerned("identity", event);
        const certificate = certificateId(event.data.issuer, event.data.serial);
        return step(event.data.identity.to, {
          certificate,
          // Expired ones need no revocation: without this the list of a long-lived identity would only grow.
          live_certificates: [
            ...identity.live_certificates.filter(({ not_after }) => not_after > time),
            { id: certificate, not_after: event.data.not_after },
          ],
        });
      }
      case "certificate.revoked":
        // One certificate of it was revoked by itself; the identity is revoked when none is left.
        return withoutCertificates(identity, [event.data], step, event.data.reason);
      case "revocation-job.advanced":
        return withoutCertificates(identity, event.data.certificates, step, event.data.reason);
      case "identity.issuance-failed":
        return step("failed", { failure: { ...event.data, at: time } }, event.data.code);
      case "identity.deployed":
        return step("deployed", {}, event.data.note);
      case "identity.revoked":
        return step("revoked", { live_certificates: [] }, event.data.reason);
      case "identity.retired":
        return step("retired", {}, event.data.note);
      case "identity.cancelled":
        return step("cancelled", {}, event.data.note);
      default:
        return unconcerned("identity", event);
    }
  },
};

function withoutCertificates(
  identity: Identity,
  revoked: readonly CertificateRef[],
  step: (to: IdentityStatus, changes: Partial<Identity>, reason: string) => Identity,
  reason: string,
): Identity {
  const gone = new Set(revoked.map(({ issuer, serial }) => certificateId(issuer, serial)));
  const live_certificates = identity.live_certificates.filter(({ id }) => !gone.has(id));
  const wasLive = live_certificates.length < identity.live_certificates.length;
  // The status stays, and with it what may have failed: also of an identity that is over, when an old certificate follows.
  if (live_certificates.length > 0 || !wasLive)
    return step(identity.status, { live_certificates, failure: identity.failure }, reason);
  return step("revoked", { live_certificates }, reason);
}
