/** Building CRLs (RFC 5280 5.1). Reading them: `crl-values.ts`. */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { hex } from "#shared/kernel/bytes";
import { explicit, integer, sequence, sequenceOf, tlv, utcOrGeneralizedTime } from "./der/writer.ts";
import {
  authorityKeyIdentifier,
  crlNumber,
  deltaCrlIndicator,
  issuingDistributionPoint,
  reasonCode,
} from "./extensions.ts";
import { type ReasonName, reasonNames } from "./reason.ts";
import { serialBytes } from "./serial.ts";
import { algorithmIdentifier } from "./signature-algorithm.ts";

export interface CrlEntrySpec {
  /** Magnitude octets or hex. */
  readonly serial: Uint8Array | string;
  readonly revokedAtMs: number;
  readonly reason: ReasonName;
}

export interface TbsCertListSpec {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuerNameDer: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly number: number | bigint;
  readonly authorityKeyId: Uint8Array;
  /** Critical IssuingDistributionPoint: ties a shard to the URL in its certificates. */
  readonly distributionPointUrl?: string;
  /** Makes it a delta CRL on this base. */
  readonly baseCrlNumber?: number | bigint;
  readonly entries: readonly CrlEntrySpec[];
}

const version2 = integer(1);
const none = new Uint8Array(0);

// 5.3.1: unspecified is said by leaving the extension out.
const entryExtensions = Object.fromEntries(
  reasonNames.map((reason) => [reason, reason === "unspecified" ? none : sequence(reasonCode(reason))]),
) as Record<ReasonName, Uint8Array>;

function entryDer(entry: CrlEntrySpec, delta: boolean, seen: Set<string>): Uint8Array {
  const serial = integer(serialBytes(entry.serial));
  const key = hex(serial);
  if (seen.has(key)) throw new TypeError(`buildTbsCertList: serial ${key.slice(4)} comes twice`);
  seen.add(key);
  if (entry.reason === "removeFromCRL" && !delta)
    throw new TypeError("buildTbsCertList: removeFromCRL needs a delta CRL");
  const extensions = entryExtensions[entry.reason] as Uint8Array | undefined;
  if (extensions === undefined) throw new TypeError(`buildTbsCertList: no reason is named ${entry.reason}`);
  return tlv(0x30, [serial, utcOrGeneralizedTime(entry.revokedAtMs), extensions]);
}

/** TBSCertList, DER. */
export function buildTbsCertList(spec: TbsCertListSpec): Uint8Array {
  const delta = spec.baseCrlNumber !== undefined;
  const seen = new Set<string>();
  const entries = spec.entries.map((entry) => entryDer(entry, delta, seen));
  const url = spec.distributionPointUrl;
  const extensions = [
    authorityKeyIdentifier(spec.authorityKeyId),
    crlNumber(spec.number),
    ...(spec.baseCrlNumber === undefined ? [] : [deltaCrlIndicator(spec.baseCrlNumber)]),
    ...(url === undefined ? [] : [issuingDistributionPoint({ fullNameUrl: url })]),
  ];
  return tlv(0x30, [
    version2,
    algorithmIdentifier(spec.signatureAlgorithm),
    spec.issuerNameDer,
    utcOrGeneralizedTime(spec.thisUpdateMs),
    utcOrGeneralizedTime(spec.nextUpdateMs),
    entries.length === 0 ? none : sequenceOf(entries), // 5.1.2.6: absent rather than empty
    explicit(0, sequenceOf(extensions)),
  ]);
}

export { parseCertificateList, parseTbsCertList } from "./crl-values.ts";
