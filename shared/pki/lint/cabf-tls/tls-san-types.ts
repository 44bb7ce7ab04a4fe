import { generalNameText } from "../../general-name.ts";
import type { CertificateRule } from "../rule.ts";

/** DNS names and addresses only. */
export const tlsSanTypes: CertificateRule = {
  id: "tls-san-types",
  severity: "error",
  source: "CA/B BR 7.1.2.7.12",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check({ sans }, report) {
    for (const name of sans)
      if (name.type !== "dns" && name.type !== "ip") report(`${generalNameText(name)} is no DNS name and no address`);
  },
};
