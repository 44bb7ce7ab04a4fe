/** A duty of the clock: whoever answers enrolments has a certificate that does not end soon. Idempotent; needs no leader. */
import { allIssuers } from "./all-issuers.ts";
import { delegateIsFresh } from "./delegate-freshness.ts";
import { type Deps, systemCall } from "./deps.ts";
import { raRenewMs, rotateRaCertificate } from "./rotate-ra-certificate.ts";

/**
 * Only issuers that have one: it is made when an endpoint first needs it. One failing issuer does not keep the others
 * waiting.
 * @returns how many were replaced
 */
export async function freshenRaCertificates(
  deps: Deps,
  tenant: string,
  onError: (issuer: string, error: unknown) => void,
): Promise<number> {
  let replaced = 0;
  for await (const { id, state: issuer } of allIssuers(deps, tenant)) {
    const now = deps.clock.now();
    if (issuer.role !== "issuing" || Date.parse(issuer.not_after) <= now) continue;
    try {
      const { state } = await deps.log.load(tenant, "ra-certificate", id);
      if (state === undefined || delegateIsFresh(state, issuer, raRenewMs, now)) continue;
      await rotateRaCertificate(deps, systemCall(tenant, "freshness", `ra-certificate/${id}`), id);
      replaced++;
    } catch (error) {
      onError(id, error);
    }
  }
  return replaced;
}
