import { oids } from "../oids.ts";
import { type Rule, unless } from "./rule.ts";

/** Present and not critical. */
export const subjectKeyIdentifier: Rule = {
  code: "subject-key-identifier",
  source: "RFC 5280 4.2.1.2",
  check: (tbs) => [
    ...unless(tbs.ski !== undefined, "subjectKeyIdentifier is missing"),
    ...unless(
      tbs.extensions.get(oids.subjectKeyIdentifier)?.critical !== true,
      "subjectKeyIdentifier must not be critical",
    ),
  ],
};
