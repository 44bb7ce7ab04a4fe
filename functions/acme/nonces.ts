/**
 * Nonces (RFC 8555 6.5): the moment and randomness under a MAC, so that giving one out writes nothing and every process
 * knows those of the others; the first use is written down, so that there is no second. Expired ones are told by their
 * moment, so what is written down lives no longer than they do.
 */
import { constantTimeEqual } from "#shared/crypto/equal";
import { hmacSha256 } from "#shared/crypto/hmac";
import { randomBytes } from "#shared/crypto/random";
import { base64url, concat, fromBase64url, utf8 } from "#shared/kernel/bytes";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { BoundDeps } from "../function.ts";

const momentBytes = 6;
const randomOctets = 12;
const macBytes = 18;
const length = momentBytes + randomOctets + macBytes;
export const nonceLifeMs = 600_000;

type NonceDeps = Pick<BoundDeps, "clock" | "fingerprintKey" | "shortLived">;
type Place = Pick<Endpoint, "tenant" | "label">;

const mac = (deps: NonceDeps, { tenant, label }: Place, content: Uint8Array): Uint8Array =>
  hmacSha256(deps.fingerprintKey(tenant), concat(utf8(`acme-nonce/1\0${label}\0`), content)).subarray(0, macBytes);

/** Good for one request to this endpoint, for ten minutes. */
export function newNonce(deps: NonceDeps, place: Place): string {
  const content = new Uint8Array(momentBytes + randomOctets);
  new DataView(content.buffer).setUint32(2, deps.clock.now() % 2 ** 32);
  new DataView(content.buffer).setUint16(0, Math.floor(deps.clock.now() / 2 ** 32));
  content.set(randomBytes(randomOctets), momentBytes);
  return base64url(concat(content, mac(deps, place, content)));
}

/** Whether it is one of ours, not too old. */
export function isOurNonce(deps: NonceDeps, place: Place, nonce: string): boolean {
  const bytes = fromBase64url(nonce);
  // One spelling for one nonce: what is used up is its text.
  if (bytes.length !== length || base64url(bytes) !== nonce) return false;
  const content = bytes.subarray(0, length - macBytes);
  if (!constantTimeEqual(bytes.subarray(length - macBytes), mac(deps, place, content))) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const age = deps.clock.now() - (view.getUint16(0) * 2 ** 32 + view.getUint32(2));
  // A clock that was set back makes it look younger than new: then it is judged by its first use alone.
  return age < nonceLifeMs;
}

/** Uses it up. @returns false when somebody did before */
export const useNonce = (deps: NonceDeps, { tenant }: Place, nonce: string): Promise<boolean> =>
  deps.shortLived.put(tenant, `acme-nonce/${nonce}`, "", nonceLifeMs);
