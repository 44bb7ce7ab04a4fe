/** Building CRLs (RFC 5280 5.1). Reading them: `crl-values.ts`. */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { hex } from "#shared/kernel/bytes";
import { explicit, integer, sequence, sequenceOf, tlv, utcOrGeneralizedTime } from "./der/writer.ts";
import {
  authorityKeyIdentifier,
  crlNumber,
  deltaCrlIndicator,
  freshestCrl,
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
  /** Where the delta CRL of a complete one is (5.2.6). */
  readonly freshestCrlUrl?: string;
  /** Entries before `entries`, as `crlEntryDer` made them, one after another; not looked into. */
  readonly encoded?: Uint8Array;
  readonly entries: readonly CrlEntrySpec[];
}

const version2 = integer(1);
const none = new Uint8Array(0);

// 5.3.1: unspecified is said by leaving the extension out.
const entryExtensions = Object.fromEntries(
  reasonNames.map((reason) => [reason, reason === "unspecified" ? none : sequence(reasonCode(reason))]),
) as Record<ReasonName, Uint8Array>;

/** One entry of a complete CRL, DER; a list of them is what `encoded` takes. */
export function crlEntryDer(entry: CrlEntrySpec): Uint8Array {
  const serial = integer(serialBytes(entry.serial));
  const extensions = entryExtensions[entry.reason] as Uint8Array | undefined;
  if (extensions === undefined) throw new TypeError(`buildTbsCertList: no reason is named ${entry.reason}`);
  return tlv(0x30, [serial, utcOrGeneralizedTime(entry.revokedAtMs), extensions]);
}

function assertDistinct(entries: readonly CrlEntrySpec[], delta: boolean): void {
  const seen = new Set<string>();
  for (const { serial, reason } of entries) {
    const key = hex(integer(serialBytes(serial))).slice(4);
    if (seen.has(key)) throw new TypeError(`buildTbsCertList: serial ${key} comes twice`);
    seen.add(key);
    if (reason === "removeFromCRL" && !delta) throw new TypeError("buildTbsCertList: removeFromCRL needs a delta CRL");
  }
}

/** TBSCertList, DER. */
export function buildTbsCertList(spec: TbsCertListSpec): Uint8Array {
  assertDistinct(spec.entries, spec.baseCrlNumber !== undefined);
  const { distributionPointUrl: url, freshestCrlUrl: freshest, encoded = none } = spec;
  const entries = [encoded, ...spec.entries.map(crlEntryDer)];
  const extensions = [
    authorityKeyIdentifier(spec.authorityKeyId),
    crlNumber(spec.number),
    ...(spec.baseCrlNumber === undefined ? [] : [deltaCrlIndicator(spec.baseCrlNumber)]),
    ...(url === undefined ? [] : [issuingDistributionPoint({ fullNameUrl: url })]),
    ...(freshest === undefined ? [] : [freshestCrl([freshest])]),
  ];
  return tlv(0x30, [
    version2,
    algorithmIdentifier(spec.signatureAlgorithm),
    spec.issuerNameDer,
    utcOrGeneralizedTime(spec.thisUpdateMs),
    utcOrGeneralizedTime(spec.nextUpdateMs),
    entries.every(({ length }) => length === 0) ? none : sequenceOf(entries), // 5.1.2.6: absent rather than empty
    explicit(0, sequenceOf(extensions)),
  ]);
}

export { type CrlEntry, parseCertificateList, parseTbsCertList, type TbsCertList } from "./crl-values.ts";
