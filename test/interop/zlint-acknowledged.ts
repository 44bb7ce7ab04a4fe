/** Findings of zlint on what we emit that stay, each with its reason. A line that no finding needs any more fails the suite. */
import type { Acknowledged } from "./acknowledged.ts";
import type { Emitted } from "./emitted.ts";

const isEd25519 = ({ name }: Emitted): boolean => name.includes("Ed25519");
const profileSays =
  (...words: string[]) =>
  ({ profile = "" }: Emitted): boolean =>
    words.some((word) => profile.includes(word));

const internal = "our hierarchies are a tenant's own; CA/B rules bind publicly trusted ones alone (BR 1.1)";

export const acknowledged: Readonly<Record<Emitted["kind"], readonly Acknowledged[]>> = {
  root: [
    { code: "e_ca_country_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_ca_organization_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
  ],
  "issuing CA": [
    { code: "e_ca_country_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_ca_organization_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_sub_ca_certificate_policies_missing", reason: `BR 7.1.2.10.5: ${internal}` },
    { code: "e_invalid_ca_certificate_policies", reason: `BR 7.1.2.10.5: ${internal}` },
    {
      code: "e_algorithm_identifier_improper_encoding",
      on: isEd25519,
      reason: `BR 7.1.3.1 knows no Ed25519: ${internal}`,
    },
  ],
  leaf: [
    { code: "e_sub_cert_certificate_policies_missing", reason: `BR 7.1.2.7.9: ${internal}` },
    { code: "e_sub_cert_cert_policy_empty", reason: `BR 7.1.2.7.9: ${internal}` },
    {
      code: "w_subject_common_name_included",
      reason: "BR 7.1.4.3: the request's common name is kept; deprecated, allowed",
    },
    {
      code: "w_ext_subject_key_identifier_not_recommended_subscriber",
      reason: "RFC 5280 4.2.1.2 says SHOULD for end entities, BR 7.1.2.7.6 NOT RECOMMENDED; we follow the RFC",
    },
    {
      code: "w_sub_cert_aia_contains_internal_names",
      reason: "the evaluation host listens on loopback and says so in its certificates; `serve` needs a base URL",
    },
    {
      code: "e_sub_cert_aia_missing",
      on: profileSays("without-ocsp", "without-both"),
      reason: `BR 7.1.2.7.7: the profile says include_ocsp false; ${internal}`,
    },
    {
      code: "w_sub_cert_aia_does_not_contain_issuing_ca_url",
      on: profileSays("without-ocsp", "without-both"),
      reason: "BR 7.1.2.7.7: the profile says include_ocsp false",
    },
    {
      code: "e_missing_crl_distrib_point",
      on: profileSays("without-both"),
      reason: `BR 7.1.2.11.2: the profile says that nothing tells of revocation; ${internal}`,
    },
    { code: "e_signature_algorithm_not_supported", on: isEd25519, reason: `BR 7.1.3.2 knows no Ed25519: ${internal}` },
    {
      code: "e_signature_algorithm_not_supported",
      on: ({ name }) => name.includes("of RSA-PSS"),
      reason: "BR 7.1.3.2.1 allows RSASSA-PSS; zlint warns of it",
    },
    {
      code: "e_algorithm_identifier_improper_encoding",
      on: isEd25519,
      reason: `BR 7.1.3.1 knows no Ed25519: ${internal}`,
    },
  ],
  "OCSP responder": [],
  CRL: [],
  "OCSP response": [],
};
