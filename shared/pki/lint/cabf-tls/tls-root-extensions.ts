import { oids } from "../../oids.ts";
import type { CertificateRule } from "../rule.ts";

/** A root is trusted by its key: no purposes, no pointers. */
export const tlsRootExtensions: CertificateRule = {
  id: "tls-root-extensions",
  severity: "error",
  source: "CA/B BR 7.1.2.1.2",
  set: "cabf-tls",
  appliesTo: ["root"],
  effective: "2023-09-15",
  check(tbs, report) {
    if (tbs.extensions.has(oids.extKeyUsage)) report("extKeyUsage on a root");
    if (tbs.basicConstraints?.pathLen !== undefined) report("pathLenConstraint on a root");
  },
};
