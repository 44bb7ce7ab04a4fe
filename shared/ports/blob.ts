/** Larger payloads: CRLs, exports, tiles. Keys are `<tenant>/<kind>/…`, `[a-z0-9._-]` between slashes, no `..`. */
import type { ItemClass } from "./item-class.ts";

/** Every kind of blob; backup goes by this list. */
export const blobKinds = {
  tile: "derived", // the Merkle tree over the log: computed again from the log and its checkpoints
  crl: "ephemeral", // lost on restore: signed anew from the revocations
} as const satisfies Record<string, ItemClass>;

declare const classified: unique symbol;

/** Of a declared kind; only `blobKey` makes one. */
export type BlobKey = string & { readonly [classified]: true };

/** @param rest `[a-z0-9._-]` between slashes */
export const blobKey = (tenant: string, kind: keyof typeof blobKinds, rest: string): BlobKey =>
  `${tenant}/${kind}/${rest}` as BlobKey;

export interface Blob {
  /** Durable when it returns; readers see the whole old or the whole new value, never a part. */
  put(key: BlobKey, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** No error when absent. */
  delete(key: string): Promise<void>;
  /** Keys below a prefix that ends in `/`, ascending, up to 1,000 after `after`. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
}
