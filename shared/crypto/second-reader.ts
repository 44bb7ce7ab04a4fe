/** What OpenSSL makes of a certificate, through Node: for a rule that compares two parsers. */
import { X509Certificate } from "node:crypto";

export interface SecondReading {
  /** Hex, upper or lower case. */
  readonly serialHex: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly ca: boolean;
}

/** @returns undefined when it cannot be read */
export function opensslReads(der: Uint8Array): SecondReading | undefined {
  try {
    const read = new X509Certificate(der);
    return {
      serialHex: read.serialNumber,
      notBeforeMs: read.validFromDate.getTime(),
      notAfterMs: read.validToDate.getTime(),
      spki: new Uint8Array(read.publicKey.export({ format: "der", type: "spki" })),
      ca: read.ca,
    };
  } catch {
    return undefined;
  }
}
