/** Findings of zlint on what we emit that stay, each with its reason. A line that no finding needs any more fails the suite. */
import type { Emitted } from "../emitted.ts";
import type { Acknowledgements } from "./linter.ts";

/** Algorithms that the CA/Browser Forum's rules do not know. */
const isNew = ({ name }: Emitted): boolean => /Ed25519|ML-DSA|SLH-DSA/.test(name);
const isPostQuantum = ({ name }: Emitted): boolean => /ML-DSA|SLH-DSA/.test(name);
/** A key restricted to RSASSA-PSS, not one that could sign so. */
const hasPssKey = ({ name }: Emitted): boolean => name.startsWith("RSA-PSS");
const profileSays =
  (...words: string[]) =>
  ({ profile = "" }: Emitted): boolean =>
    words.some((word) => profile.includes(word));

const internal = "our hierarchies are a tenant's own; CA/B rules bind publicly trusted ones alone (BR 1.1)";

const pssOnRequest = `a key restricted to RSASSA-PSS is taken only by a profile that lists it; ${internal}`;

export const acknowledged: Acknowledgements = {
  root: [
    { code: "e_ca_country_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_ca_organization_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
  ],
  "issuing CA": [
    { code: "e_public_key_type_not_allowed", on: isPostQuantum, reason: `BR 6.1.5 knows no ML-DSA: ${internal}` },
    { code: "e_ca_country_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_ca_organization_name_missing", reason: `BR 7.1.2.10.2: ${internal}` },
    { code: "e_sub_ca_certificate_policies_missing", reason: `BR 7.1.2.10.5: ${internal}` },
    { code: "e_invalid_ca_certificate_policies", reason: `BR 7.1.2.10.5: ${internal}` },
    {
      code: "e_algorithm_identifier_improper_encoding",
      on: isNew,
      reason: `BR 7.1.3.1 knows neither Ed25519 nor ML-DSA nor SLH-DSA: ${internal}`,
    },
  ],
  leaf: [
    { code: "e_public_key_type_not_allowed", on: isPostQuantum, reason: `BR 6.1.5 knows no ML-DSA: ${internal}` },
    { code: "e_public_key_type_not_allowed", on: hasPssKey, reason: `BR 6.1.5, 7.1.3.1.1: ${pssOnRequest}` },
    { code: "e_algorithm_identifier_improper_encoding", on: hasPssKey, reason: `BR 7.1.3.1.1: ${pssOnRequest}` },
    {
      code: "e_mp_rsassa-pss_in_spki",
      on: hasPssKey,
      reason: `Mozilla's policy 5.1.1: ${pssOnRequest}`,
    },
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
    {
      code: "e_signature_algorithm_not_supported",
      on: isNew,
      reason: `BR 7.1.3.2 knows neither Ed25519 nor ML-DSA nor SLH-DSA: ${internal}`,
    },
    {
      code: "e_signature_algorithm_not_supported",
      on: ({ name }) => name.includes("of RSA-PSS"),
      reason: "BR 7.1.3.2.1 allows RSASSA-PSS; zlint warns of it",
    },
    {
      code: "e_algorithm_identifier_improper_encoding",
      on: isNew,
      reason: `BR 7.1.3.1 knows neither Ed25519 nor ML-DSA nor SLH-DSA: ${internal}`,
    },
  ],
  "OCSP responder": [],
  RA: [],
  CRL: [
    {
      code: "e_crl_extensions_validity",
      text: /^warn CRL Extension 2\.5\.29\.(27|46) is NOT RECOMMENDED$/,
      reason: "BR 7.2.2 advises against delta CRLs (27, and 46 that names them); RFC 5280 5.2.4, 5.2.6 define them",
    },
  ],
  "OCSP response": [
    {
      code: "unreadable",
      on: isPostQuantum,
      reason: "zlint reads no OCSP response with a certificate signed by ML-DSA",
    },
  ],
};
