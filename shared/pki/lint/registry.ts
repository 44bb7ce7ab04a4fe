/** Every certificate rule, one line each. They run on the TBS before it is signed (DESIGN 2a). */
import type { TbsCertificate } from "../certificate.ts";
import { authorityKeyIdentifier } from "./authority-key-identifier.ts";
import { basicConstraints } from "./basic-constraints.ts";
import { caSubject } from "./ca-subject.ts";
import { commonNameInSan } from "./common-name-in-san.ts";
import { criticalExtensions } from "./critical-extensions.ts";
import { extendedKeyUsage } from "./extended-key-usage.ts";
import { issuerName } from "./issuer-name.ts";
import { keyUsage } from "./key-usage.ts";
import { mlDsaKeyUsage } from "./ml-dsa-key-usage.ts";
import { nameConstraints } from "./name-constraints.ts";
import { pathLength } from "./path-length.ts";
import { rsaKeySize } from "./rsa-key-size.ts";
import { sanSyntax } from "./san-syntax.ts";
import { serialNumber } from "./serial-number.ts";
import { signatureAlgorithm } from "./signature-algorithm.ts";
import { slhDsaKeyUsage } from "./slh-dsa-key-usage.ts";
import { subjectAltName } from "./subject-alt-name.ts";
import { subjectKeyIdentifier } from "./subject-key-identifier.ts";
import { validityCap } from "./validity-cap.ts";
import { validityEncoding } from "./validity-encoding.ts";
import { validityOrder } from "./validity-order.ts";
import { validityWithinIssuer } from "./validity-within-issuer.ts";
import { version3 } from "./version-3.ts";
import type { Finding, LintContext, Rule } from "./rule.ts";

export type { Finding, LintContext, Rule } from "./rule.ts";

export const rules: readonly Rule[] = [
  authorityKeyIdentifier,
  basicConstraints,
  caSubject,
  commonNameInSan,
  criticalExtensions,
  extendedKeyUsage,
  issuerName,
  keyUsage,
  mlDsaKeyUsage,
  nameConstraints,
  pathLength,
  rsaKeySize,
  sanSyntax,
  serialNumber,
  signatureAlgorithm,
  slhDsaKeyUsage,
  subjectAltName,
  subjectKeyIdentifier,
  validityCap,
  validityEncoding,
  validityOrder,
  validityWithinIssuer,
  version3,
];

const codes = new Set(rules.map((rule) => rule.code));
if (codes.size !== rules.length) throw new TypeError("lint registry: two rules have the same code");

/** All findings of all rules; empty means that it may be signed. */
export const lintTbsCertificate = (tbs: TbsCertificate, context: LintContext = {}): Finding[] =>
  rules.flatMap((rule) =>
    rule.check(tbs, context).map((message) => ({ code: rule.code, source: rule.source, message })),
  );
