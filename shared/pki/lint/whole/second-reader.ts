import { opensslReads } from "#shared/crypto/second-reader";
import { hex, sameBytes } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "../../certificate.ts";
import { everyCertificate, rfc5280Date, type WholeRule } from "../rule.ts";

/** Another parser than ours, OpenSSL's, reads the same certificate. */
export const secondReader: WholeRule = {
  id: "second-reader",
  severity: "error",
  source: "RFC 5280 4.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ der, tbs }, report) {
    const ours = parseTbsCertificate(tbs);
    const theirs = opensslReads(der);
    if (theirs === undefined) return report("OpenSSL cannot read it");
    if (BigInt(`0x${theirs.serialHex}`) !== BigInt(`0x${ours.serialHex}`))
      report(`OpenSSL reads serial ${theirs.serialHex}, not ${ours.serialHex}`);
    if (theirs.notBeforeMs !== ours.notBeforeMs || theirs.notAfterMs !== ours.notAfterMs)
      report("OpenSSL reads another validity");
    if (!sameBytes(theirs.spki, ours.spki)) report(`OpenSSL reads another key than ${hex(ours.spki.subarray(0, 24))}…`);
    if (theirs.ca !== (ours.basicConstraints?.ca === true)) report("OpenSSL does not agree on cA");
  },
};
