/** What an edge serves to everybody by its key, without asking us: S3 behind CloudFront. One machine has no such edge. */
export interface PublicObject {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface PublicObjects {
  /** Seen by every edge when it returns, except where one still holds the old bytes by its `cacheControl`. Replaces. */
  put(key: string, object: PublicObject): Promise<void>;
  /** No error for what is not there. Any number of keys. */
  delete(keys: readonly string[]): Promise<void>;
}
