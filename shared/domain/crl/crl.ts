import { type Aggregate, unconcerned } from "../aggregate.ts";

/** The newest CRL of one shard; id `<issuer>.<shard>`. The DER is in `Blob` under `blob`, which no other CRL ever uses. */
export interface Crl {
  readonly issuer: string;
  readonly shard: number;
  readonly number: number;
  readonly this_update: string;
  readonly next_update: string;
  readonly entries: number;
  /** Of serials, dates and reasons: tells whether there is anything new to publish. */
  readonly entries_sha256: string;
  readonly blob: string;
  readonly sha256: string;
}

export type CrlEvent = { readonly type: "crl.published"; readonly data: Crl & { readonly tbs_sha256: string } };

export const crlId = (issuer: string, shard: number): string => `${issuer}.${shard}`;

export const crlAggregate: Aggregate<Crl> = {
  evolve(_state, event) {
    if (event.type !== "crl.published") return unconcerned("crl", event);
    const { tbs_sha256: _, ...crl } = event.data;
    return crl;
  },
};
