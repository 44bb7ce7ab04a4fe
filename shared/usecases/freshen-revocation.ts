/** A duty of the clock: CRLs and responders are renewed long before they run out. Idempotent; needs no leader. */
import { type Crl, crlId } from "#shared/domain/crl/crl";
import { blobKey } from "#shared/ports/blob";
import { allIssuers } from "./all-issuers.ts";
import { crlIsFresh, deltaIsFresh, isBehind } from "./crl-freshness.ts";
import { delegateIsFresh } from "./delegate-freshness.ts";
import { type Deps, systemCall } from "./deps.ts";
import type { Present } from "./load.ts";
import { publishCrl, type WhatToPublish } from "./publish-crl.ts";
import { responderRenewMs, rotateOcspResponder } from "./rotate-ocsp-responder.ts";

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
  const done = { crls: 0, responders: 0 };
  for await (const issuer of allIssuers(deps, tenant)) {
    if (Date.parse(issuer.state.not_after) <= deps.clock.now()) continue;
    try {
      if (await freshenResponder(deps, tenant, issuer)) done.responders++;
      done.crls += await freshenCrls(deps, tenant, issuer);
    } catch (error) {
      onError(issuer.id, error);
    }
  }
  return done;
}

async function freshenResponder(
  deps: Deps,
  tenant: string,
  { id, state: issuer }: Present<"issuer">,
): Promise<boolean> {
  const { state } = await deps.log.load(tenant, "ocsp-responder", id);
  if (delegateIsFresh(state, issuer, responderRenewMs, deps.clock.now())) return false;
  await rotateOcspResponder(deps, systemCall(tenant, "freshness", `ocsp/${id}`), id);
  return true;
}

async function freshenCrls(deps: Deps, tenant: string, { id, state }: Present<"issuer">): Promise<number> {
  let published = 0;
  for (let shard = 0; shard < state.shards; shard++) {
    const { state: crl } = await deps.log.load(tenant, "crl", crlId(id, shard));
    const due = await whatIsDue(deps, tenant, crl, { issuer: id, shard });
    if (due === undefined) continue;
    await publishCrl(deps, systemCall(tenant, "freshness", `crl/${id}/${shard}`), id, shard, due);
    published++;
  }
  return published;
}

/** Renewed: what ends soon or has lost its bytes, the complete CRL after a minute behind its delta. Else only a delta. */
async function whatIsDue(
  deps: Deps,
  tenant: string,
  crl: Crl | undefined,
  { issuer, shard }: Pick<Crl, "issuer" | "shard">,
): Promise<WhatToPublish | undefined> {
  if (crl === undefined) return {};
  const now = deps.clock.now();
  const stored = await deps.blob.list(blobKey(tenant, "crl", `${issuer}/${shard}/`));
  const lost = [crl.blob, crl.delta?.blob].some((blob) => blob !== undefined && !stored.includes(blob));
  if (!crlIsFresh(crl, now) || lost) return { renew: true };
  if (isBehind(crl) || !deltaIsFresh(crl, now)) return { serials: [] };
  return undefined;
}
