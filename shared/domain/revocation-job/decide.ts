import { Failure } from "#shared/kernel/failure";
import type { RevocationFilter, RevocationJob, RevocationJobEvent } from "./revocation-job.ts";

/** @throws Failure `conflict` for a job that is over */
export function decideCancel(job: RevocationJob): RevocationJobEvent {
  if (job.status === "done" || job.status === "cancelled")
    throw new Failure("conflict", `the job is ${job.status}; what it revoked stays revoked`, { field: "id" });
  return { type: "revocation-job.cancelled", data: {} };
}

/** What of a certificate says whether a filter means it. */
interface Candidate {
  readonly kind: "leaf" | "ca";
  readonly status: string;
  readonly not_after: string;
  readonly issuer: string;
  readonly profile: string | null;
  readonly owner: string | null;
}

/** Live certificates only: what has ended needs no revocation, what is revoked is so for ever. */
export function concerns(filter: RevocationFilter, certificate: Candidate, nowMs: number): boolean {
  const { kind, status, not_after, issuer, profile, owner } = certificate;
  if (kind !== "leaf" || status === "revoked" || Date.parse(not_after) <= nowMs) return false;
  if (filter.issuer !== undefined && filter.issuer !== issuer) return false;
  if (filter.owner !== undefined && filter.owner !== owner) return false;
  if (filter.profile === undefined) return true;
  return filter.profile === profile || profile?.split("@")[0] === filter.profile;
}
