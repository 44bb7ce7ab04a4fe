import { hex } from "#shared/kernel/bytes";
import { oids } from "../../oids.ts";
import { isCa } from "../facts.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** What says that nobody tells its revocation names nobody who would; and an RA says it. */
export const noRevAvail: CertificateRule = {
  id: "no-rev-avail",
  severity: "error",
  source: "RFC 9608 2, 3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2024-06-01",
  check(tbs, report, { kind }) {
    const found = tbs.extensions.get(oids.noRevAvail);
    if (found === undefined) {
      if (kind === "ra") report("an RA certificate needs noRevAvail");
      return;
    }
    if (hex(found.value) !== "0500") report("noRevAvail must be NULL");
    if (isCa(tbs)) report("noRevAvail on a CA");
    if (tbs.ocspUrls.length > 0) report("noRevAvail beside an OCSP URL");
    for (const name of ["cRLDistributionPoints", "freshestCRL"] as const)
      if (tbs.extensions.has(oids[name])) report(`noRevAvail beside ${name}`);
  },
};
