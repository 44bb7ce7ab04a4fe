/** Every rule for certificates, one line each. */
import { tlsAuthorityInfoAccess } from "./cabf-tls/tls-authority-info-access.ts";
import { tlsBackdating } from "./cabf-tls/tls-backdating.ts";
import { tlsCaCrl } from "./cabf-tls/tls-ca-crl.ts";
import { tlsCaExtendedKeyUsage } from "./cabf-tls/tls-ca-extended-key-usage.ts";
import { tlsCaPolicies } from "./cabf-tls/tls-ca-policies.ts";
import { tlsCaSubject } from "./cabf-tls/tls-ca-subject.ts";
import { tlsCertificatePolicies } from "./cabf-tls/tls-certificate-policies.ts";
import { tlsCommonName } from "./cabf-tls/tls-common-name.ts";
import { tlsDnsLabels } from "./cabf-tls/tls-dns-labels.ts";
import { tlsDnsNames } from "./cabf-tls/tls-dns-names.ts";
import { tlsExtendedKeyUsage } from "./cabf-tls/tls-extended-key-usage.ts";
import { tlsExtensions } from "./cabf-tls/tls-extensions.ts";
import { tlsIpAddresses } from "./cabf-tls/tls-ip-addresses.ts";
import { tlsKeyAlgorithm } from "./cabf-tls/tls-key-algorithm.ts";
import { tlsKeyUsage } from "./cabf-tls/tls-key-usage.ts";
import { tlsResponder } from "./cabf-tls/tls-responder.ts";
import { tlsRevocationPointer } from "./cabf-tls/tls-revocation-pointer.ts";
import { tlsRootExtensions } from "./cabf-tls/tls-root-extensions.ts";
import { tlsRootValidity } from "./cabf-tls/tls-root-validity.ts";
import { tlsRsaClosePrimes } from "./cabf-tls/tls-rsa-close-primes.ts";
import { tlsSanTypes } from "./cabf-tls/tls-san-types.ts";
import { tlsSignatureAlgorithm } from "./cabf-tls/tls-signature-algorithm.ts";
import { tlsSubject } from "./cabf-tls/tls-subject.ts";
import { tlsValidity } from "./cabf-tls/tls-validity.ts";
import { tlsWildcards } from "./cabf-tls/tls-wildcards.ts";
import { agreementOnlyBits } from "./certificate/agreement-only-bits.ts";
import { authorityInfoAccess } from "./certificate/authority-info-access.ts";
import { authorityKeyIdentifier } from "./certificate/authority-key-identifier.ts";
import { basicConstraints } from "./certificate/basic-constraints.ts";
import { caOnlyExtensions } from "./certificate/ca-only-extensions.ts";
import { caSubject } from "./certificate/ca-subject.ts";
import { certificateExtensions } from "./certificate/certificate-extensions.ts";
import { certificatePolicies } from "./certificate/certificate-policies.ts";
import { commonNameInSan } from "./certificate/common-name-in-san.ts";
import { countryCode } from "./certificate/country-code.ts";
import { crlDistributionPoints } from "./certificate/crl-distribution-points.ts";
import { crlSign } from "./certificate/crl-sign.ts";
import { extendedKeyUsage } from "./certificate/extended-key-usage.ts";
import { extendedKeyUsageUnique } from "./certificate/extended-key-usage-unique.ts";
import { extensionCriticality } from "./certificate/extension-criticality.ts";
import { issuerKeyUsage } from "./certificate/issuer-key-usage.ts";
import { issuerName } from "./certificate/issuer-name.ts";
import { issuerPresent } from "./certificate/issuer-present.ts";
import { keyUsage } from "./certificate/key-usage.ts";
import { keyUsageForKey } from "./certificate/key-usage-for-key.ts";
import { keyUsageForPurpose } from "./certificate/key-usage-for-purpose.ts";
import { knownCriticalExtensions } from "./certificate/known-critical-extensions.ts";
import { nameAttributeLength } from "./certificate/name-attribute-length.ts";
import { nameConstraintsSyntax } from "./certificate/name-constraints-syntax.ts";
import { nameEncoding } from "./certificate/name-encoding.ts";
import { namesWithinConstraints } from "./certificate/names-within-constraints.ts";
import { noRevAvail } from "./certificate/no-rev-avail.ts";
import { ocspNoCheck } from "./certificate/ocsp-no-check.ts";
import { pathLength } from "./certificate/path-length.ts";
import { raKeyUsage } from "./certificate/ra-key-usage.ts";
import { responderKeyUsage } from "./certificate/responder-key-usage.ts";
import { responderNoCa } from "./certificate/responder-no-ca.ts";
import { rsaExponent } from "./certificate/rsa-exponent.ts";
import { rsaKeySize } from "./certificate/rsa-key-size.ts";
import { rsaModulus } from "./certificate/rsa-modulus.ts";
import { rsaRoca } from "./certificate/rsa-roca.ts";
import { sanCritical } from "./certificate/san-critical.ts";
import { sanSyntax } from "./certificate/san-syntax.ts";
import { sanUnique } from "./certificate/san-unique.ts";
import { serialEntropy } from "./certificate/serial-entropy.ts";
import { serialNumber } from "./certificate/serial-number.ts";
import { signatureAlgorithm } from "./certificate/signature-algorithm.ts";
import { subjectAltName } from "./certificate/subject-alt-name.ts";
import { subjectKeyIdentifier } from "./certificate/subject-key-identifier.ts";
import { validityCap } from "./certificate/validity-cap.ts";
import { validityEncoding } from "./certificate/validity-encoding.ts";
import { validityOrder } from "./certificate/validity-order.ts";
import { validityWithinIssuer } from "./certificate/validity-within-issuer.ts";
import { version3 } from "./certificate/version-3.ts";
import type { CertificateRule } from "./rule.ts";

export const certificateRules: readonly CertificateRule[] = [
  version3,
  serialNumber,
  serialEntropy,
  signatureAlgorithm,
  issuerPresent,
  caSubject,
  issuerName,
  issuerKeyUsage,
  validityEncoding,
  validityOrder,
  validityWithinIssuer,
  validityCap,
  basicConstraints,
  responderNoCa,
  pathLength,
  keyUsage,
  crlSign,
  keyUsageForKey,
  agreementOnlyBits,
  keyUsageForPurpose,
  extendedKeyUsage,
  extendedKeyUsageUnique,
  extensionCriticality,
  knownCriticalExtensions,
  certificateExtensions,
  caOnlyExtensions,
  authorityKeyIdentifier,
  subjectKeyIdentifier,
  certificatePolicies,
  subjectAltName,
  sanCritical,
  sanUnique,
  sanSyntax,
  commonNameInSan,
  nameEncoding,
  nameAttributeLength,
  countryCode,
  nameConstraintsSyntax,
  namesWithinConstraints,
  crlDistributionPoints,
  authorityInfoAccess,
  ocspNoCheck,
  responderKeyUsage,
  noRevAvail,
  raKeyUsage,
  rsaKeySize,
  rsaExponent,
  rsaModulus,
  rsaRoca,
  tlsValidity,
  tlsBackdating,
  tlsSanTypes,
  tlsDnsNames,
  tlsWildcards,
  tlsDnsLabels,
  tlsIpAddresses,
  tlsCommonName,
  tlsSubject,
  tlsCertificatePolicies,
  tlsExtendedKeyUsage,
  tlsKeyUsage,
  tlsAuthorityInfoAccess,
  tlsRevocationPointer,
  tlsKeyAlgorithm,
  tlsSignatureAlgorithm,
  tlsExtensions,
  tlsRsaClosePrimes,
  tlsCaSubject,
  tlsCaPolicies,
  tlsCaExtendedKeyUsage,
  tlsCaCrl,
  tlsRootValidity,
  tlsRootExtensions,
  tlsResponder,
];
