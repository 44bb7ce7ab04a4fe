import { type Aggregate, present, unconcerned } from "../aggregate.ts";
import type { CredentialUse } from "../enrolment-credential/enrolment-credential.ts";

export interface Certificate {
  readonly kind: "leaf" | "ca";
  readonly issuer: string;
  /** Lower-case hex, no leading zero octets. */
  readonly serial: string;
  readonly status: "active" | "superseded" | "revoked";
  readonly subject: string;
  readonly sans: readonly string[];
  readonly profile: string | null;
  readonly protocol: string;
  /** Label of the enrolment endpoint. Absent: not enrolled, or recorded by an earlier release. */
  readonly endpoint?: string;
  readonly identity: string | null;
  readonly owner: string | null;
  readonly replaces: string | null;
  readonly replaced_by: string | null;
  readonly key_algorithm: string;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly not_before: string;
  readonly not_after: string;
  /** The CRL shard named in its CDP; never changes. */
  readonly shard: number;
  readonly revoked_at: string | null;
  readonly reason: string | null;
  readonly created_at: string;
}

/** What an event about a signed certificate carries. The DER stands in the log once, here. */
export interface SignedCertificate {
  readonly issuer: string;
  readonly serial: string;
  readonly subject: string;
  readonly sans: readonly string[];
  readonly key_algorithm: string;
  readonly fingerprint: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly shard: number;
  /** SHA-256 of the TBSCertificate, hex: ties the event to the signer's journal (I5). */
  readonly tbs_sha256: string;
  /** DER, base64. */
  readonly der: string;
}

export interface IssuedCertificate extends SignedCertificate {
  readonly profile: string;
  readonly protocol: string;
  readonly owner?: string;
  readonly replaces?: string;
  /** When that one ends. Absent in what earlier releases wrote. */
  readonly replaces_until?: string;
  /** Label of the enrolment endpoint. */
  readonly endpoint?: string;
  /** The use of an enrolment credential that it counts. */
  readonly credential?: CredentialUse;
  /** The enrolment request that a person approved. */
  readonly request?: string;
  /** The identity it was minted for and the state that this brings the identity to. */
  readonly identity?: { readonly id: string; readonly to: "issued" | "renewing" };
}

export type CertificateEvent =
  | { readonly type: "certificate.issued"; readonly data: IssuedCertificate }
  | {
      readonly type: "certificate.revoked";
      readonly data: {
        readonly issuer: string;
        readonly serial: string;
        readonly shard: number;
        readonly reason: string;
        /** Absent in what earlier releases wrote. */
        readonly not_after?: string;
      };
    }
  /**
   * The signer had made it, but its commit never came: recorded by the reconciler, and revoked with that. `reason`: of the
   * CRL that lists it already; absent: unspecified.
   */
  | {
      readonly type: "certificate.reconciled";
      readonly data: SignedCertificate & { readonly op_id: string; readonly reason?: string };
    };

/** A certificate is named by its issuer's public id and its serial: together they are unique. */
export const certificateId = (issuer: string, serial: string): string => `${issuer}-${serial}`;

export const certificateAggregate: Aggregate<Certificate> = {
  evolve(state, event, { time }, id) {
    switch (event.type) {
      case "certificate.issued":
        if (event.data.replaces === id)
          return superseded(present(state, "certificate", event), certificateId(event.data.issuer, event.data.serial));
        return {
          ...fromSigned(event.data, time),
          profile: event.data.profile,
          protocol: event.data.protocol,
          ...(event.data.endpoint !== undefined && { endpoint: event.data.endpoint }),
          identity: event.data.identity?.id ?? null,
          owner: event.data.owner ?? null,
          replaces: event.data.replaces ?? null,
        };
      case "issuer.created":
        return { ...fromSigned(event.data, time), kind: "ca" };
      case "certificate.reconciled":
        return {
          ...fromSigned(event.data, time),
          protocol: "reconciled",
          status: "revoked",
          revoked_at: time,
          reason: event.data.reason ?? "unspecified",
        };
      case "certificate.revoked":
      case "identity.revoked":
      case "revocation-job.advanced":
        return {
          ...present(state, "certificate", event),
          status: "revoked",
          revoked_at: time,
          reason: event.data.reason,
        };
      default:
        return unconcerned("certificate", event);
    }
  },
  view: (state) => ({ name: "certificates", sort: state.not_after }),
};

/** Revoked is for ever: nothing that happens to a successor takes it back. */
const superseded = (certificate: Certificate, by: string): Certificate => ({
  ...certificate,
  status: certificate.status === "revoked" ? "revoked" : "superseded",
  replaced_by: by,
});

const fromSigned = (data: SignedCertificate, time: string): Certificate => ({
  kind: "leaf",
  issuer: data.issuer,
  serial: data.serial,
  status: "active",
  subject: data.subject,
  sans: data.sans,
  profile: null,
  protocol: "api",
  identity: null,
  owner: null,
  replaces: null,
  replaced_by: null,
  key_algorithm: data.key_algorithm,
  fingerprint: data.fingerprint,
  not_before: data.not_before,
  not_after: data.not_after,
  shard: data.shard,
  revoked_at: null,
  reason: null,
  created_at: time,
});
