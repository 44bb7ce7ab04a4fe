import { type Aggregate, present, unconcerned } from "../aggregate.ts";
import { certificateId } from "../certificate/certificate.ts";
import type { CredentialUse } from "../enrolment-credential/enrolment-credential.ts";

/** What waits for a person (an endpoint whose approval is manual): all that issuing takes, so that nothing is read again. */
export interface EnrolmentRequested {
  readonly endpoint: string;
  readonly protocol: string;
  /** Who asks, as in the audit trail. */
  readonly subject: string;
  readonly transaction: string;
  /** Id of the enrolment credential that let it in; null when something else did. */
  readonly opened_with: string | null;
  /** Of all that makes a repetition the same request. */
  readonly fingerprint: string;
  /** SHA-256 of the request's bytes, hex. */
  readonly request_sha256: string;
  /** SubjectPublicKeyInfo, DER, base64. Possession was proven. */
  readonly spki: string;
  readonly key_algorithm: string;
  readonly common_name: string | null;
  /** `dns:…`, `ip:…` */
  readonly names: readonly string[];
  /** The certificate that it renews. */
  readonly renews: string | null;
  /** One that it is recorded to replace, whatever has become of it. */
  readonly replaces: string | null;
  readonly profile: string;
  readonly validity_seconds: number | null;
  readonly not_after: string | null;
  /** Until then somebody may decide. */
  readonly expires_at: string;
}

export interface EnrolmentRequest extends EnrolmentRequested {
  readonly status: "pending" | "refused" | "issued";
  readonly certificate: string | null;
  readonly reason: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly created_at: string;
}

export type EnrolmentRequestEvent =
  | {
      readonly type: "enrolment-request.created";
      readonly data: EnrolmentRequested & { readonly credential?: CredentialUse };
    }
  | {
      readonly type: "enrolment-request.refused";
      readonly data: { readonly endpoint: string; readonly reason: string };
    }
  /** Long after the decision. */
  | { readonly type: "enrolment-request.removed"; readonly data: { readonly endpoint: string } };

export const enrolmentRequestAggregate: Aggregate<EnrolmentRequest> = {
  evolve(state, event, { time, actor }, id) {
    const decided = { decided_by: actor, decided_at: time };
    switch (event.type) {
      case "enrolment-request.created": {
        const { credential: _, ...requested } = event.data;
        return {
          ...requested,
          status: "pending",
          certificate: null,
          reason: null,
          decided_by: null,
          decided_at: null,
          created_at: time,
        };
      }
      case "enrolment-request.refused": {
        const { reason } = event.data;
        return { ...present(state, "enrolment-request", event), ...decided, status: "refused", reason };
      }
      case "certificate.issued": {
        const { request, issuer, serial } = event.data;
        if (request !== id) return unconcerned("enrolment-request", event);
        const certificate = certificateId(issuer, serial);
        return { ...present(state, "enrolment-request", event), ...decided, status: "issued", certificate };
      }
      case "enrolment-request.removed":
        return undefined;
      default:
        return unconcerned("enrolment-request", event);
    }
  },
  view: ({ status, expires_at, decided_at }) =>
    status === "pending"
      ? { name: "enrolment-requests-pending", sort: expires_at }
      : { name: "enrolment-requests-decided", sort: decided_at ?? "" },
};
