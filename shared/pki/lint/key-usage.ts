import { oids } from "../oids.ts";
import { isCa, type Rule, unless } from "./rule.ts";

/** Present and critical; keyCertSign exactly on CAs. */
export const keyUsage: Rule = {
  code: "key-usage",
  source: "RFC 5280 4.2.1.3",
  check: (tbs) => {
    if (tbs.keyUsage === undefined) return ["keyUsage is missing"];
    const signsCertificates = tbs.keyUsage.includes("keyCertSign");
    return [
      ...unless(!isCa(tbs) || signsCertificates, "a CA needs keyCertSign"),
      ...unless(isCa(tbs) || !signsCertificates, "keyCertSign without cA"),
      ...unless(tbs.extensions.get(oids.keyUsage)?.critical === true, "keyUsage must be critical"),
    ];
  },
};
