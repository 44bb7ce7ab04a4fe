import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { TbsCertificate } from "#shared/pki/certificate";
import { revocationUrls, shardOfUrl } from "#shared/pki/revocation-urls";
import type { KeyLookup, KeyState } from "./key-state.ts";

export interface GuardInput {
  readonly key: KeyState;
  readonly keys: KeyLookup;
  /** What is to be signed, DER; from a caller that may be hostile. */
  readonly tbs: Uint8Array;
  /** Milliseconds, by the signer's own clock. */
  readonly now: number;
  /** Checkpoints: see `SignRequest`. */
  readonly proof?: readonly Uint8Array[];
}

/** Takes back what would forbid to try again, for a signature that never came about. */
export type Unlearn = () => void;

/** Applies what signing teaches the signer; run in the same turn as the decision. */
export type Learn = () => Unlearn;

export const nothingLearnt: Learn = () => nothingToUnlearn;
export const nothingToUnlearn: Unlearn = () => undefined;

export function refuse(reason: string): never {
  throw new Failure("guard_refused", `the signer refuses: ${reason}`);
}

/**
 * What was understood, encoded again, must be the very bytes: so nothing that the reader passes over is signed.
 * @param encode throws when what was understood cannot be encoded
 */
export function assertExact(bytes: Uint8Array, encode: () => Uint8Array, reason: string): void {
  let again: Uint8Array;
  try {
    again = encode();
  } catch {
    return refuse(reason);
  }
  if (!sameBytes(bytes, again)) refuse(reason);
}

/** Status services are where the key was made to say that they are, and nowhere else. */
export function assertOwnUrls(urls: readonly string[], { spec: { handle, limits } }: KeyState): void {
  const base = limits.revocationBaseUrl;
  for (const url of urls) {
    if (base === undefined) refuse(`key ${handle} was made without a base URL and signs none, not ${url}`);
    else if (!url.startsWith(`${base}/`)) refuse(`${url} is not below ${base}`);
  }
}

/** What a certificate says of its status is answered by its own issuer, of whose shards the signer keeps the memory. */
export function assertStatusUrls({ ocspUrls, caIssuersUrls, crlUrls }: TbsCertificate, key: KeyState): void {
  assertOwnUrls([...ocspUrls, ...caIssuersUrls, ...crlUrls], key);
  const own = revocationUrls(key.spec.limits.revocationBaseUrl ?? "", key.issuerId);
  const wrong =
    ocspUrls.find((url) => url !== own.ocspUrl) ??
    caIssuersUrls.find((url) => url !== own.caIssuersUrl) ??
    crlUrls.find((url) => ownShard(url, key) === undefined);
  if (wrong !== undefined) refuse(`${wrong} is no status service of this issuer`);
  if (crlUrls.length > 1) refuse("a certificate is in one CRL shard, not in several");
}

/** The shard whose complete CRL of this very key the URL names. */
export function ownShard(url: string, { spec: { limits }, issuerId }: KeyState): number | undefined {
  const shard = shardOfUrl(url);
  if (shard === undefined || limits.revocationBaseUrl === undefined) return undefined;
  return revocationUrls(limits.revocationBaseUrl, issuerId).crlUrl(shard) === url ? shard : undefined;
}
