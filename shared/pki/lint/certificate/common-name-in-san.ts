import type { GeneralName } from "../../general-name.ts";
import { dnsNameProblem } from "../../identifier.ts";
import { ipBytes, ipText } from "../../ip.ts";
import { commonNames } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

/** The address or DNS name that a common name reads as; a single label is just a word. */
function hostOf(text: string): string | undefined {
  const address = ipBytes(text);
  if (address !== undefined) return ipText(address);
  const name = text.toLowerCase();
  return name.includes(".") && dnsNameProblem(name) === undefined ? name : undefined;
}

/** Old clients match the common name: it must not say more than the SAN. */
export const commonNameInSan: CertificateRule = {
  id: "common-name-in-san",
  severity: "error",
  source: "CA/B BR 7.1.4.3",
  set: "pkix",
  appliesTo: ["leaf"],
  effective: "2012-07-01",
  check(tbs, report) {
    for (const value of commonNames(tbs)) {
      const host = hostOf(value);
      const named = (name: GeneralName): boolean => (name.type === "dns" || name.type === "ip") && name.value === host;
      if (host !== undefined && !tbs.sans.some(named))
        report(`common name ${JSON.stringify(value)} is not in the subjectAltName`);
    }
  },
};
