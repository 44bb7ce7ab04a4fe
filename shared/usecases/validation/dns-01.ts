/** DNS Challenge (RFC 8555 8.4). */
import { sha256 } from "#shared/crypto/hash";
import { base64url } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import type { Method } from "./challenge.ts";
import { unproven } from "./unproven.ts";

const shown = 5;
/** Base64url of SHA-256. A CNAME may have led to records that are not for a stranger: of those only the length is said. */
const told = (record: string): string =>
  /^[A-Za-z0-9_-]{43}$/.test(record) ? JSON.stringify(record) : `${record.length} characters that are no digest`;

export const dns01: Method = {
  // RFC 8738 7: not for addresses.
  proves: ({ type }) => type === "dns",
  async validate({ resolver }, { identifier, keyAuthorization }) {
    const name = `_acme-challenge.${identifier.value}`;
    const expected = base64url(sha256(keyAuthorization));
    let answer;
    try {
      answer = await resolver.txt(name);
    } catch (error) {
      if (isFailure(error, "unavailable")) return unproven("dns", error.message, true);
      throw error;
    }
    const { records, exists } = answer;
    // "The server … checks that one of them matches": orders side by side have one each.
    if (records.includes(expected)) return { valid: true, evidence: `TXT ${name} = ${expected}` };
    const list = records.slice(0, shown).map((record) => told(record));
    const more = records.length > shown ? ` and ${records.length - shown} more` : "";
    const got =
      records.length > 0 ? `has ${list.join(", ")}${more}` : exists ? "has no TXT record" : "does not exist (NXDOMAIN)";
    return unproven(records.length > 0 ? "incorrectResponse" : "dns", `${name} ${got}; expected TXT ${expected}`, true);
  },
};
