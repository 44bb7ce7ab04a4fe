import { type CertificateRule, everyCertificate } from "../rule.ts";

/** Room for 64 random bits: what makes a chosen-prefix collision useless. */
export const serialEntropy: CertificateRule = {
  id: "serial-entropy",
  severity: "error",
  source: "CA/B BR 7.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2016-09-30",
  check({ serialHex }, report) {
    if (/^0+$/.test(serialHex)) return; // said by serial-number
    if (serialHex.length < 16) report(`serial number of ${serialHex.length * 4} bits cannot hold 64 random bits`);
  },
};
