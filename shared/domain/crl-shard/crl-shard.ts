import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/**
 * How much of one CRL shard is taken; id `<issuer>/<shard>`. Places are taken in blocks before certificates are issued, so
 * what is counted here is never less than what was issued.
 */
export interface CrlShard {
  /** Places given out, of `maxShardEntries`. */
  readonly assigned: number;
  /** No certificate in it ends later. */
  readonly until: string;
}

/** Places that are taken at once. */
export const blockSize = 1_000;
/** Whoever creates an issuer takes the first places with it, for certificates that end at most so much later. */
const firstBlockMs = 399 * 86_400_000;

/** So many certificates share one CRL: all of them revoked, it has so many entries. */
export const maxShardEntries = 50_000;

export interface ReservedPlaces {
  readonly issuer: string;
  readonly shard: number;
  readonly count: number;
  readonly until: string;
}

export type CrlShardEvent =
  | { readonly type: "crl-shard.opened"; readonly data: ReservedPlaces }
  /** `reused`: everything that was in it has ended long ago, and it is filled from the start again. */
  | { readonly type: "crl-shard.reserved"; readonly data: ReservedPlaces & { readonly reused: boolean } };

export const crlShardId = (issuer: string, shard: number): string => `${issuer}/${shard}`;

/** Until when the places serve that come with a new issuer, RFC 3339. */
export const firstUntil = (issuerNotAfter: string, created: string): string =>
  new Date(Math.min(Date.parse(issuerNotAfter), Date.parse(created) + firstBlockMs)).toISOString();

export const crlShardAggregate: Aggregate<CrlShard> = {
  partitioned: true,
  evolve(state, event, { time }) {
    switch (event.type) {
      case "issuer.created":
        return { assigned: blockSize, until: firstUntil(event.data.not_after, time) };
      case "crl-shard.opened":
        return { assigned: event.data.count, until: event.data.until };
      case "crl-shard.reserved": {
        const { assigned, until } = present(state, "crl-shard", event);
        const { count, reused } = event.data;
        const later = event.data.until > until ? event.data.until : until;
        return { assigned: reused ? count : assigned + count, until: later };
      }
      default:
        return unconcerned("crl-shard", event);
    }
  },
};
