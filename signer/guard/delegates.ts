/** Certificates over keys of this signer that are no CA's: each for one purpose, which nobody else is certified for. */
import type { TbsCertificate } from "#shared/pki/certificate";
import { sameBytes } from "#shared/kernel/bytes";
import { type GuardInput, refuse } from "./decision.ts";
import type { KeyState } from "./key-state.ts";

/** The extended key usage of each kind of delegate (RFC 6960 4.2.2.2, RFC 6402 2.10). */
const usages = { ocsp: "OCSPSigning", ra: "cmcRA" } as const;

export interface Delegate {
  readonly kind: keyof typeof usages;
  readonly key: KeyState;
}

/** @returns undefined for a leaf. No key of ours becomes a leaf's, and a delegate's usage is nobody's but its own. */
export function delegateOf(tbs: TbsCertificate, { key, keys }: GuardInput): Delegate | undefined {
  const subjectKey = keys.byKeyBits(tbs.key.keyBits);
  const kind = (["ocsp", "ra"] as const).find((one) => tbs.extKeyUsage?.includes(usages[one]) === true);
  if (kind === undefined && subjectKey === undefined) return undefined;
  if (kind === undefined)
    return refuse(`key ${subjectKey?.spec.handle} belongs to this signer and cannot be certified as a leaf's`);
  const { purpose, tenant, limits } = subjectKey?.spec ?? {};
  const own = purpose === kind && tenant === key.spec.tenant && limits?.issuerHandle === key.spec.handle;
  if (subjectKey === undefined || !own)
    return refuse(`${usages[kind]} is certified only for this CA's own delegated key`);
  if (tbs.extKeyUsage?.length !== 1)
    return refuse(`the certificate of an ${kind} key has no other usage than ${usages[kind]}`);
  assertNamedAsMade(tbs, subjectKey);
  return { kind, key: subjectKey };
}

/** An RSA key could be named as one of RSASSA-PSS too, and what relying parties make of it would be another matter. */
export function assertNamedAsMade({ spki }: TbsCertificate, key: KeyState): void {
  if (!sameBytes(spki, key.spki)) refuse(`key ${key.spec.handle} is named by another algorithm than it was made for`);
}
