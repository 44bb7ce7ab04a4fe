/** Findings of pkilint on what we emit that stay, each with its reason. A line that no finding needs any more fails the suite. */
import type { Acknowledgements } from "./linter.ts";

const internal = "our hierarchies are a tenant's own; CA/B rules bind publicly trusted ones alone (BR 1.1)";
const byMlDsa = ({ name }: { readonly name: string }): boolean => name.includes("ML-DSA");

export const acknowledged: Acknowledgements = {
  root: [],
  "issuing CA": [],
  leaf: [
    {
      code: "cabf.serverauth.subscriber.subject_key_identifier_extension_present",
      reason: "RFC 5280 4.2.1.2 says SHOULD for end entities, BR 7.1.2.7.6 NOT RECOMMENDED; we follow the RFC",
    },
    {
      code: "cabf.serverauth.dv.common_name_attribute_present",
      reason: "BR 7.1.2.7.2: the request's common name is kept; not recommended, allowed",
    },
  ],
  RA: [],
  "OCSP responder": [
    { code: "cabf.serverauth.ca.country_attribute_absent", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "cabf.serverauth.ca.organization_name_attribute_absent", reason: `BR 7.1.2.10.2: ${internal}` },
    {
      code: "cabf.serverauth.prohibited_signature_algorithm_encoding",
      reason: `BR 7.1.3.2 knows neither Ed25519 nor ML-DSA: ${internal}`,
    },
    {
      code: "cabf.serverauth.prohibited_subject_public_key_algorithm_encoding",
      on: byMlDsa,
      reason: `BR 7.1.3.1 knows no ML-DSA: ${internal}`,
    },
  ],
  CRL: [],
  "OCSP response": [],
};
