/** Larger payloads: CRLs, exports, tiles. Keys are `<tenant>/<kind>/…`, `[a-z0-9._-]` between slashes, no `..`. */
export const blobKinds = {
  crl: "ephemeral", // lost on restore: signed anew from the revocations
} as const;

/** @param rest `[a-z0-9._-]` between slashes */
export const blobKey = (tenant: string, kind: keyof typeof blobKinds, rest: string): string =>
  `${tenant}/${kind}/${rest}`;

export interface Blob {
  /** Durable when it returns; readers see the whole old or the whole new value, never a part. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** No error when absent. */
  delete(key: string): Promise<void>;
  /** Keys below a prefix that ends in `/`, ascending, up to 1,000 after `after`. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
}
