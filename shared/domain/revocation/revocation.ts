import { type Aggregate, unconcerned } from "../aggregate.ts";

/** An entry of a CRL shard. Its id is `<issuer>.<shard>/<serial>`: one partition for each shard, so a CRL is one query. */
export interface Revocation {
  readonly revoked_at: string;
  readonly reason: string;
  /** When the certificate ends: it then leaves the CRL. Absent in what earlier releases wrote. */
  readonly not_after?: string;
}

export const revocationId = (issuer: string, shard: number, serial: string): string => `${issuer}.${shard}/${serial}`;

export const revocationAggregate: Aggregate<Revocation> = {
  partitioned: true,
  evolve(_state, event, { time }, id) {
    switch (event.type) {
      case "certificate.revoked":
        return revoked(time, event.data.reason, event.data.not_after);
      case "revocation-job.advanced":
      case "identity.revoked": {
        const own = event.data.certificates.find(
          ({ issuer, shard, serial }) => id === revocationId(issuer, shard, serial),
        );
        return revoked(time, event.data.reason, own?.not_after);
      }
      case "certificate.reconciled":
        return { revoked_at: time, reason: event.data.reason ?? "unspecified" };
      default:
        return unconcerned("revocation", event);
    }
  },
};

const revoked = (revoked_at: string, reason: string, not_after: string | undefined): Revocation =>
  not_after === undefined ? { revoked_at, reason } : { revoked_at, reason, not_after };
