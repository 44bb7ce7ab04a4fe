import { type Aggregate, unconcerned } from "../aggregate.ts";

/** An entry of a CRL shard. Its id is `<issuer>.<shard>/<serial>`: one partition for each shard, so a CRL is one query. */
export interface Revocation {
  readonly revoked_at: string;
  readonly reason: string;
}

export const revocationId = (issuer: string, shard: number, serial: string): string => `${issuer}.${shard}/${serial}`;

export const revocationAggregate: Aggregate<Revocation> = {
  partitioned: true,
  evolve(_state, event, { time }) {
    switch (event.type) {
      case "certificate.revoked":
      case "identity.revoked":
        return { revoked_at: time, reason: event.data.reason };
      case "certificate.reconciled":
        return { revoked_at: time, reason: event.data.reason ?? "unspecified" };
      default:
        return unconcerned("revocation", event);
    }
  },
};
