import type { CrlRule } from "../rule.ts";

const allowed: ReadonlySet<string> = new Set([
  "unspecified",
  "keyCompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "privilegeWithdrawn",
]);

/** keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn or none. */
export const tlsCrlReasons: CrlRule = {
  id: "tls-crl-reasons",
  severity: "error",
  source: "CA/B BR 7.2.2",
  set: "cabf-tls",
  appliesTo: ["crl"],
  effective: "2023-07-15",
  check({ entries }, report) {
    const bad = entries.find(({ reason }) => !allowed.has(reason));
    if (bad !== undefined) report(`serial ${bad.serialHex}: reason ${bad.reason} is not allowed`);
  },
};
