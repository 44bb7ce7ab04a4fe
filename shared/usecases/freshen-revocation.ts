/** A duty of the clock: CRLs and responders are renewed long before they run out. Idempotent; needs no leader. */
import { crlId } from "#shared/domain/crl/crl";
import { type Deps, systemCall } from "./deps.ts";
import { publishCrl } from "./publish-crl.ts";
import { responderRenewMs, rotateOcspResponder } from "./rotate-ocsp-responder.ts";

/** A CRL with less than this left is published anew. */
export const crlRenewMs = 86_400_000;

export interface Freshened {
  readonly crls: number;
  readonly responders: number;
}

/** One failing issuer does not keep the others waiting: `onError` hears of it and the next run tries again. */
export async function freshenRevocation(
  deps: Deps,
  tenant: string,
  onError: (issuer: string, error: unknown) => void,
): Promise<Freshened> {
  const now = deps.clock.now();
  let crls = 0;
  let responders = 0;
  const { items } = await deps.log.list(tenant, "issuer", { limit: 1000 });
  for (const { id, state } of items) {
    if (Date.parse(state.not_after) <= now) continue;
    try {
      const responder = await deps.log.load(tenant, "ocsp-responder", id);
      if (responder.state === undefined || Date.parse(responder.state.not_after) - now <= responderRenewMs) {
        await rotateOcspResponder(deps, systemCall(tenant, "freshness", `ocsp/${id}`), id);
        responders++;
      }
      for (let shard = 0; shard < state.shards; shard++) {
        const crl = await deps.log.load(tenant, "crl", crlId(id, shard));
        if (
          crl.state !== undefined &&
          Date.parse(crl.state.next_update) - now > crlRenewMs &&
          (await deps.blob.get(crl.state.blob)) !== undefined
        )
          continue;
        await publishCrl(deps, systemCall(tenant, "freshness", `crl/${id}/${shard}`), id, shard);
        crls++;
      }
    } catch (error) {
      onError(id, error);
    }
  }
  return { crls, responders };
}
