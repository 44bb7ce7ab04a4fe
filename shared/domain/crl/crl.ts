import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** A signed CRL as it is served. The DER is in `Blob` under `blob`, which no other CRL ever uses. */
export interface PublishedCrl {
  readonly number: number;
  readonly this_update: string;
  readonly next_update: string;
  readonly entries: number;
  readonly blob: string;
  /** Of the DER. */
  readonly sha256: string;
}

/** The newest CRLs of one shard; id `<issuer>.<shard>`. */
export interface Crl extends PublishedCrl {
  readonly issuer: string;
  readonly shard: number;
  /** Of the encoded entries, one after another. */
  readonly entries_sha256: string;
  /** The complete CRL on which deltas build, and how long its list of entries is. Absent: of a release without deltas. */
  readonly base?: { readonly number: number; readonly octets: number; readonly entries: number };
  /** RFC 5280 5.2.4. Its entries are those that follow the base's. */
  readonly delta?: DeltaCrl;
}

export interface DeltaCrl extends PublishedCrl {
  readonly base: number;
}

export type CrlEvent =
  | {
      readonly type: "crl.published";
      readonly data: Omit<Crl, "delta"> & { readonly tbs_sha256: string };
    }
  | {
      readonly type: "crl.delta-published";
      readonly data: DeltaCrl & { readonly issuer: string; readonly shard: number; readonly tbs_sha256: string };
    };

export const crlId = (issuer: string, shard: number): string => `${issuer}.${shard}`;

/** Complete and delta CRLs share one sequence of numbers. */
export const lastCrlNumber = (crl: Crl | undefined): number => Math.max(crl?.number ?? 0, crl?.delta?.number ?? 0);

export const crlAggregate: Aggregate<Crl> = {
  evolve(state, event) {
    switch (event.type) {
      case "crl.published": {
        const { tbs_sha256: _, ...crl } = event.data;
        return state?.delta === undefined ? crl : { ...crl, delta: state.delta };
      }
      case "crl.delta-published": {
        const { tbs_sha256: _, issuer: __, shard: ___, ...delta } = event.data;
        return { ...present(state, "crl", event), delta };
      }
      default:
        return unconcerned("crl", event);
    }
  },
};
