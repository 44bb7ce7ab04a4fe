import { type Aggregate, present, unconcerned } from "../aggregate.ts";
import type { CertificateRef } from "../identity/identity.ts";

/** Which certificates a job is about: those that meet all that is set. CA certificates never are. */
export interface RevocationFilter {
  readonly issuer?: string;
  /** `name`, any version of it, or `name@version`. */
  readonly profile?: string;
  readonly owner?: string;
  /** Ids. */
  readonly certificates?: readonly string[];
}

/**
 * counting: the certificates are being counted; revoking: they are being revoked; done; cancelled: those that were revoked
 * stay so. CRLs follow: `shards` has those that do not yet say what the job did.
 */
export type RevocationJobStatus = "counting" | "revoking" | "done" | "cancelled";

export interface RevocationJob {
  readonly status: RevocationJobStatus;
  /** A preview counts and revokes nothing. */
  readonly mode: "preview" | "revoke";
  readonly reason: string;
  readonly filter: RevocationFilter;
  /** Live certificates that it is about, as far as they are counted. */
  readonly matched: number;
  readonly revoked: number;
  /** Where counting or revoking goes on; null at the start. */
  readonly cursor: string | null;
  /** CRL shards, `<issuer>.<shard>`, that are to be published. */
  readonly shards: readonly string[];
  /** Revoked since those were last published. */
  readonly unpublished: number;
  /** Counts how often the work was handed on; work that was handed on before is over. */
  readonly step: number;
  readonly requested_by: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export type RevocationJobEvent =
  | {
      readonly type: "revocation-job.created";
      readonly data: Pick<RevocationJob, "mode" | "reason" | "filter">;
    }
  | {
      readonly type: "revocation-job.counted";
      readonly data: { readonly matched: number; readonly cursor: string | null };
    }
  | {
      /** Revokes these certificates. `cursor` null: they were the last. */
      readonly type: "revocation-job.advanced";
      readonly data: {
        readonly reason: string;
        readonly certificates: readonly CertificateRef[];
        readonly cursor: string | null;
      };
    }
  | { readonly type: "revocation-job.published"; readonly data: { readonly shards: readonly string[] } }
  | { readonly type: "revocation-job.handed-on"; readonly data: Record<string, never> }
  | { readonly type: "revocation-job.cancelled"; readonly data: Record<string, never> };

export const revocationJobAggregate: Aggregate<RevocationJob> = {
  evolve(state, event, { time, actor }) {
    if (event.type === "revocation-job.created") {
      return {
        ...event.data,
        status: "counting",
        matched: 0,
        revoked: 0,
        cursor: null,
        shards: [],
        unpublished: 0,
        step: 0,
        requested_by: actor,
        created_at: time,
        updated_at: time,
      };
    }
    const job = present(state, "revocation-job", event);
    const moved = (changes: Partial<RevocationJob>): RevocationJob => ({ ...job, ...changes, updated_at: time });
    switch (event.type) {
      case "revocation-job.counted": {
        const { matched, cursor } = event.data;
        const next = job.mode === "preview" ? "done" : "revoking";
        return moved({ matched: job.matched + matched, cursor, status: cursor === null ? next : job.status });
      }
      case "revocation-job.advanced": {
        const { certificates, cursor } = event.data;
        const shards = new Set([...job.shards, ...certificates.map(({ issuer, shard }) => `${issuer}.${shard}`)]);
        return moved({
          revoked: job.revoked + certificates.length,
          unpublished: job.unpublished + certificates.length,
          shards: [...shards].sort(),
          cursor,
          status: cursor === null ? "done" : job.status,
        });
      }
      case "revocation-job.published":
        return moved({ shards: job.shards.filter((shard) => !event.data.shards.includes(shard)), unpublished: 0 });
      case "revocation-job.handed-on":
        return moved({ step: job.step + 1 });
      case "revocation-job.cancelled":
        return moved({ status: "cancelled" });
      default:
        return unconcerned("revocation-job", event);
    }
  },
};
