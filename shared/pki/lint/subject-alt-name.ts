import { oids } from "../oids.ts";
import { hasPurpose, isCa, type Rule, unless } from "./rule.ts";

/** Names live in the SAN; it is critical when the subject is empty. */
export const subjectAltName: Rule = {
  code: "subject-alt-name",
  source: "RFC 5280 4.2.1.6, RFC 9525 6.3",
  check: (tbs) => {
    const emptySubject = tbs.subject.length === 0;
    // RFC 6960 4.2.2.2: a delegated responder is known by its key.
    const needed = !isCa(tbs) && !hasPurpose(tbs, "OCSPSigning");
    return [
      ...unless(!needed || tbs.sans.length > 0, "a leaf must have a subjectAltName"),
      ...unless(
        !emptySubject || tbs.extensions.get(oids.subjectAltName)?.critical === true,
        "an empty subject needs a critical subjectAltName",
      ),
    ];
  },
};
