import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const upperBounds: Readonly<Record<string, number>> = {
  CN: 64,
  serialNumber: 64,
  C: 2,
  L: 128,
  ST: 128,
  STREET: 128,
  O: 64,
  OU: 64,
  emailAddress: 255,
};

/** Upper bounds of the attributes. */
export const nameAttributeLength: CertificateRule = {
  id: "name-attribute-length",
  severity: "error",
  source: "RFC 5280 A.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const { type, value } of tbs.subject.flat()) {
      const max = upperBounds[type];
      if (max !== undefined && Array.from(value).length > max) report(`subject ${type}: longer than ${max} characters`);
      if (value.trim() !== value || value === "") report(`subject ${type}: empty, or blanks at its ends`);
    }
  },
};
