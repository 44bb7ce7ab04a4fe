import { oids } from "../oids.ts";
import { type Rule, unless } from "./rule.ts";

/** Present, critical on a CA, and saying what the profile meant. */
export const basicConstraints: Rule = {
  code: "basic-constraints",
  source: "RFC 5280 4.2.1.9",
  check: (tbs, { expect }) => {
    const found = tbs.basicConstraints;
    if (found === undefined) return ["basicConstraints is missing"];
    return [
      ...unless(expect !== "leaf" || !found.ca, "a leaf must not be a CA"),
      ...unless(expect !== "ca" || found.ca, "a CA certificate must say cA TRUE"),
      ...unless(
        !found.ca || tbs.extensions.get(oids.basicConstraints)?.critical === true,
        "basicConstraints of a CA must be critical",
      ),
    ];
  },
};
