/** The registration authority split (behaviour §13): asking for a certificate and granting it are different rights. */
import { covers } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { Failure } from "#shared/kernel/failure";

/** @throws Failure `forbidden`: issuing, renewing and revoking need `certs:issue`; `certs:request` is never enough */
export function assertMayGrant(principal: Principal, action: "issue" | "revoke"): void {
  if (covers(principal.scopes, "certs:issue")) return;
  throw new Failure(
    "forbidden",
    `to ${action} certificates you need certs:issue; ask somebody who holds it, or mint a token with it`,
    {
      extensions: { missing: ["certs:issue"] },
    },
  );
}
