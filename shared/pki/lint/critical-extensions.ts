import { extensionOids, oidName, oids } from "../oids.ts";
import { type Rule, unless } from "./rule.ts";

const known: ReadonlySet<string> = new Set(Object.values(extensionOids));
const mustNotBe: ReadonlySet<string> = new Set([oids.authorityInfoAccess, oids.freshestCRL, oids.ocspNoCheck]);

/** Nothing critical that a verifier of ours would not know; criticality as the clauses say. */
export const criticalExtensions: Rule = {
  code: "critical-extensions",
  source: "RFC 5280 4.2",
  check: (tbs) =>
    [...tbs.extensions].flatMap(([dotted, { critical }]) => [
      ...unless(!critical || known.has(dotted), `critical extension ${oidName(dotted)} is not one that we issue`),
      ...unless(!critical || !mustNotBe.has(dotted), `${oidName(dotted)} must not be critical`),
      ...unless(critical || dotted !== oids.nameConstraints, "nameConstraints must be critical"),
    ]),
};
