import type { CertificateRule } from "../rule.ts";

/** No reserved LDH labels but A-labels. */
export const tlsDnsLabels: CertificateRule = {
  id: "tls-dns-labels",
  severity: "error",
  source: "CA/B BR 1.6.1 (P-Label), RFC 5890 2.3.1",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2021-10-01",
  check({ sans }, report) {
    for (const name of sans)
      if (
        name.type === "dns" &&
        name.value.split(".").some((label) => /^..--/.test(label) && !label.startsWith("xn--"))
      )
        report(`dns:${name.value} has a reserved label`);
  },
};
