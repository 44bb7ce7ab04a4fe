/** Why a certificate is revoked, as people say it (RFC 5280 5.3.1). */
import type { Operations } from "../api/generated.ts";

type Reason = NonNullable<Operations["certificates.revoke"]["body"]["reason"]>;

export const revocationReasons: readonly (readonly [Reason, string])[] = [
  ["unspecified", "No particular reason"],
  ["keyCompromise", "The private key is or may be known to others"],
  ["superseded", "Another certificate has taken its place"],
  ["cessationOfOperation", "The service has ended"],
  ["affiliationChanged", "The name in it is no longer right"],
  ["privilegeWithdrawn", "Its holder may no longer have it"],
];
