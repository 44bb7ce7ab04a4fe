import { type Rule, unless } from "./rule.ts";

/** A certificate that is never valid is a mistake. */
export const validityOrder: Rule = {
  code: "validity-order",
  source: "RFC 5280 4.1.2.5",
  check: (tbs) => unless(tbs.notBeforeMs < tbs.notAfterMs, "notBefore must be before notAfter"),
};
