import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Positive, at most 20 octets with the sign octet. */
export const serialNumber: CertificateRule = {
  id: "serial-number",
  severity: "error",
  source: "RFC 5280 4.1.2.2",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ serialHex }, report) {
    const octets = serialHex.length / 2 + (Number.parseInt(serialHex.slice(0, 2), 16) >= 0x80 ? 1 : 0);
    if (/^0+$/.test(serialHex)) report("serial number must be positive");
    if (octets > 20) report(`serial number takes ${octets} octets, at most 20 are allowed`);
  },
};
