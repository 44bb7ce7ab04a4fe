/**
 * Looks at what relying parties get: whether a CRL, a delta, a responder or an RA nears its end and was not renewed in time. What
 * renews them is `freshen-revocation` and `freshen-ra-certificates`; this says when that does not work. It reads state, so it needs no memory of a restart.
 */
import { type Crl, crlId } from "#shared/domain/crl/crl";
import { allIssuers } from "./all-issuers.ts";
import { renewMs } from "./crl-freshness.ts";
import type { Deps } from "./deps.ts";
import { responderRenewMs } from "./rotate-ocsp-responder.ts";
import { raRenewMs } from "./rotate-ra-certificate.ts";
import type { Overdue, Watched } from "./watched-revocation.ts";

/** Renewal begins with the whole margin left; with half of it left it has failed for hours. */
const isOverdue = (ends: string | undefined, marginMs: number, now: number): boolean =>
  ends === undefined || Date.parse(ends) - now < marginMs / 2;

export async function watchRevocation(deps: Deps, tenant: string): Promise<Watched> {
  const now = deps.clock.now();
  const overdue: Overdue[] = [];
  let crlEndsMs = Infinity;
  let responderEndsMs = Infinity;
  for await (const { id, state } of allIssuers(deps, tenant)) {
    if (Date.parse(state.not_after) <= now) continue;
    const responder = (await deps.log.load(tenant, "ocsp-responder", id)).state;
    responderEndsMs = Math.min(responderEndsMs, momentOf(responder?.not_after));
    // With the CA's own end in sight there is no longer one to be had.
    if (responder?.not_after !== state.not_after && isOverdue(responder?.not_after, responderRenewMs, now))
      overdue.push({ issuer: id, what: "OCSP responder", ends: responder?.not_after ?? null });
    // Of those that enrol by SCEP or CMP.
    const ra = (await deps.log.load(tenant, "ra-certificate", id)).state;
    if (ra !== undefined && ra.not_after !== state.not_after && isOverdue(ra.not_after, raRenewMs, now))
      overdue.push({ issuer: id, what: "RA certificate", ends: ra.not_after });
    for (let shard = 0; shard < state.shards; shard++) {
      const crl = (await deps.log.load(tenant, "crl", crlId(id, shard))).state;
      for (const [what, ends] of endsOf(crl, shard)) {
        crlEndsMs = Math.min(crlEndsMs, momentOf(ends));
        if (isOverdue(ends, renewMs, now)) overdue.push({ issuer: id, what, ends: ends ?? null });
      }
    }
  }
  return { crlEndsMs, responderEndsMs, overdue };
}

const endsOf = (crl: Crl | undefined, shard: number): [string, string | undefined][] => [
  [`CRL ${shard}`, crl?.next_update],
  ...(crl?.base === undefined ? [] : [[`delta CRL ${shard}`, crl.delta?.next_update] as [string, string | undefined]]),
];

const momentOf = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time));
