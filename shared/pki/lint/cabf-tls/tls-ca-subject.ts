import { type CertificateRule, everyCa } from "../rule.ts";

/** Country, organisation and common name. */
export const tlsCaSubject: CertificateRule = {
  id: "tls-ca-subject",
  severity: "error",
  source: "CA/B BR 7.1.2.10.2",
  set: "cabf-tls",
  appliesTo: everyCa,
  effective: "2023-09-15",
  check({ subject }, report) {
    const found = new Set(subject.flat().map(({ type }) => type));
    for (const type of ["C", "O", "CN"]) if (!found.has(type)) report(`subject ${type} is missing`);
  },
};
