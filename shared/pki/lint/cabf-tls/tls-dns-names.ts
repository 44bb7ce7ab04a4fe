import type { CertificateRule } from "../rule.ts";

/** RFC 2606, 6761, 6762, 7686 (onion needs rules of its own), 8375, 9476; ICANN's `internal`. */
const reserved: readonly string[] = [
  "alt",
  "example",
  "home.arpa",
  "internal",
  "invalid",
  "local",
  "localhost",
  "onion",
  "test",
];

/** No names that only mean something inside: one label, or a top level that is reserved. */
export const tlsDnsNames: CertificateRule = {
  id: "tls-dns-names",
  severity: "error",
  source: "CA/B BR 4.2.2, 7.1.2.7.12, RFC 6761",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2015-11-01",
  check({ sans }, report) {
    for (const { type, value } of sans.filter((name) => name.type !== "other")) {
      if (type !== "dns") continue;
      const labels = value.replace(/^\*\./, "").split(".");
      if (labels.length < 2 && !value.startsWith("*.")) report(`dns:${value} is an internal name`);
      else if (reserved.some((name) => value === name || value.endsWith(`.${name}`)))
        report(`dns:${value} is in a reserved domain`);
    }
  },
};
