/** Every rule for CRLs, one line each. */
import { completeCrl } from "./crl/complete-crl.ts";
import { crlAuthorityKeyIdentifier } from "./crl/crl-authority-key-identifier.ts";
import { crlDistributionPoint } from "./crl/crl-distribution-point.ts";
import { crlEntryDates } from "./crl/crl-entry-dates.ts";
import { crlEntrySerials } from "./crl/crl-entry-serials.ts";
import { crlExtensionCriticality } from "./crl/crl-extension-criticality.ts";
import { crlIssuer } from "./crl/crl-issuer.ts";
import { crlIssuerKeyUsage } from "./crl/crl-issuer-key-usage.ts";
import { crlNumber } from "./crl/crl-number.ts";
import { crlSignatureAlgorithm } from "./crl/crl-signature-algorithm.ts";
import { crlTimeEncoding } from "./crl/crl-time-encoding.ts";
import { crlTimeOrder } from "./crl/crl-time-order.ts";
import { crlWithinIssuer } from "./crl/crl-within-issuer.ts";
import { deltaCrlBase } from "./crl/delta-crl-base.ts";
import { deltaCrlFreshest } from "./crl/delta-crl-freshest.ts";
import { tlsCrlLifetime } from "./crl/tls-crl-lifetime.ts";
import { tlsCrlReasons } from "./crl/tls-crl-reasons.ts";
import type { CrlRule } from "./rule.ts";

export const crlRules: readonly CrlRule[] = [
  crlIssuer,
  crlSignatureAlgorithm,
  crlIssuerKeyUsage,
  crlTimeEncoding,
  crlTimeOrder,
  crlWithinIssuer,
  crlAuthorityKeyIdentifier,
  crlNumber,
  crlExtensionCriticality,
  crlDistributionPoint,
  crlEntryDates,
  crlEntrySerials,
  deltaCrlBase,
  completeCrl,
  deltaCrlFreshest,
  tlsCrlLifetime,
  tlsCrlReasons,
];
