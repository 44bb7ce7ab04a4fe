import { decideRevokeCertificate } from "#shared/domain/certificate/decide";
import { revocationId } from "#shared/domain/revocation/revocation";
import { assertMayGrant } from "#shared/policy/ra-split";
import type { Snapshot } from "#shared/ports/event-log";
import { change, effect } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing } from "./load.ts";

/**
 * OCSP answers `revoked` from the commit on; the CRL follows through the outbox.
 * @param at milliseconds; where a CRL said so before: the date that it gave
 */
export async function revokeCertificate(
  deps: Deps,
  call: Call,
  id: string,
  reason: string,
  at?: number,
): Promise<void> {
  assertMayGrant(call.principal, "revoke");
  const { tenant } = call.principal;
  await change(deps, call, async () => {
    const certificate = await existing(deps, tenant, "certificate", id);
    const event = decideRevokeCertificate(certificate.state, { reason });
    const { issuer, shard, serial, identity } = certificate.state;
    const touches: Snapshot[] = [await deps.log.load(tenant, "revocation", revocationId(issuer, shard, serial))];
    if (identity !== null) touches.push(await existing(deps, tenant, "identity", identity));
    const effects = [effect(deps, "crl.publish", { issuer, shard, serials: serial })];
    return { stream: certificate, event, touches, effects, ...(at !== undefined && { at }) };
  });
}
