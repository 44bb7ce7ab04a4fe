/** What is too large for the signer's items, in a store that only the signer reaches. Names are its own to choose. */
export interface SignerBucket {
  /** @throws Failure `unavailable` */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Durable when it returns; readers see the whole old or the whole new value. @throws Failure `unavailable` */
  put(name: string, bytes: Uint8Array): Promise<void>;
}
