/** Whom lint rules bind: all that is signed here, or what promises to meet the CA/Browser Forum's TLS rules too. */
export const ruleSets = ["pkix", "cabf-tls"] as const;
export type RuleSet = (typeof ruleSets)[number];
