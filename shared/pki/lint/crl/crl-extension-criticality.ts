import { oidName, oids } from "../../oids.ts";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

const criticalities: ReadonlyMap<string, boolean> = new Map([
  [oids.authorityKeyIdentifier, false],
  [oids.cRLNumber, false],
  [oids.freshestCRL, false],
  [oids.deltaCRLIndicator, true],
  [oids.issuingDistributionPoint, true],
]);

/** What narrows or completes a CRL is critical, the rest is not. */
export const crlExtensionCriticality: CrlRule = {
  id: "crl-extension-criticality",
  severity: "error",
  source: "RFC 5280 5.2",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const [dotted, { critical }] of tbs.extensions) {
      const wanted = criticalities.get(dotted);
      if (wanted === undefined) report(`extension ${oidName(dotted)} is not one that we issue in a CRL`);
      else if (wanted !== critical) report(`${oidName(dotted)} must ${wanted ? "" : "not "}be critical`);
    }
  },
};
