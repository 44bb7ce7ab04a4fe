/** Questions that several rules ask of a certificate. */
import { sha1, sha256 } from "#shared/crypto/hash";
import type { TbsCertificate } from "../certificate.ts";
import type { OidName } from "../oids.ts";
import { oids } from "../oids.ts";

export const isCa = (tbs: TbsCertificate): boolean => tbs.basicConstraints?.ca === true;

export const hasPurpose = (tbs: TbsCertificate, purpose: string): boolean =>
  tbs.extKeyUsage?.includes(purpose) === true;

/** Undefined when the extension is absent. */
export const criticality = (tbs: TbsCertificate, extension: OidName): boolean | undefined =>
  tbs.extensions.get(oids[extension])?.critical;

/** Common names, in order. */
export const commonNames = (tbs: TbsCertificate): readonly string[] =>
  tbs.subject.flat().flatMap(({ type, value }) => (type === "CN" ? [value] : []));

/** Both ends count (RFC 5280 4.1.2.5). */
export const validitySeconds = (tbs: TbsCertificate): number => (tbs.notAfterMs - tbs.notBeforeMs) / 1000 + 1;

export const day = 86_400;

const digests = { sha1, sha256 } as const;
type Hashes = Partial<Record<keyof typeof digests, { readonly name: Uint8Array; readonly key: Uint8Array }>>;
const hashes = new WeakMap<TbsCertificate, Hashes>();

/** How a CertID names this CA (RFC 6960 4.1.1); undefined for a hash that is not served. */
export function certIdHashes(ca: TbsCertificate, algorithm: string) {
  if (algorithm !== "sha1" && algorithm !== "sha256") return undefined;
  const known = hashes.get(ca) ?? {};
  hashes.set(ca, known);
  known[algorithm] ??= { name: digests[algorithm](ca.subjectDer), key: digests[algorithm](ca.key.keyBits) };
  return known[algorithm];
}
