/**
 * What the log says of certificates and CRLs, brought to where the edge looks: answers about a revoked certificate are
 * removed, a new CRL takes the place of the old one. Idempotent: the same events may come again, late, in any order.
 */
import { certIdVariants } from "#shared/pki/ocsp";
import { crlWindow, ocspKey, ocspWindow, windowsAround } from "#shared/pki/stored-status";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { PublicObjects } from "#shared/ports/public-objects";
import type { Deps } from "./deps.ts";
import { issuerMaterial } from "./issuer-material.ts";
import { existing } from "./load.ts";
import { type CrlFile, storeCrl } from "./stored-status.ts";

const dayMs = 86_400_000;

/** @throws when something could not be written: the events have to come again */
export async function followStatus(
  deps: Deps,
  objects: PublicObjects,
  tenant: string,
  events: readonly LoggedEvent[],
): Promise<void> {
  const revoked = events.flatMap(revokedBy);
  if (revoked.length > 0) await objects.delete(await keysOf(deps, tenant, revoked));
  const crls = new Map(events.flatMap(publishedBy).map((crl) => [`${crl.issuer}.${crl.shard}.${crl.delta}`, crl]));
  const now = deps.clock.now();
  // Tomorrow's too: what follows is served from the bucket even if nobody is there to be asked.
  const windows = [...windowsAround(crlWindow, now), crlWindow(now + dayMs)];
  for (const crl of crls.values()) await storeCrl(deps, objects, tenant, crl, windows);
}

interface Revoked {
  readonly issuer: string;
  readonly serial: string;
}

function revokedBy({ event }: LoggedEvent): readonly Revoked[] {
  switch (event.type) {
    case "certificate.revoked":
    case "certificate.reconciled":
      return [event.data];
    case "identity.revoked":
    case "revocation-job.advanced":
      return event.data.certificates;
    default:
      return [];
  }
}

function publishedBy({ event }: LoggedEvent): readonly (CrlFile & { readonly issuer: string })[] {
  const delta = event.type === "crl.delta-published";
  if (!delta && event.type !== "crl.published") return [];
  const { issuer, shard } = event.data;
  return [{ issuer, shard, delta }];
}

/** Of every way to ask, in every window in which an edge may be. */
async function keysOf(deps: Deps, tenant: string, revoked: readonly Revoked[]): Promise<string[]> {
  const keys: string[] = [];
  const now = deps.clock.now();
  for (const [issuer, certificates] of Map.groupBy(revoked, (each) => each.issuer)) {
    const { certIdHashes } = issuerMaterial(issuer, (await existing(deps, tenant, "issuer", issuer)).state);
    for (const { serial } of certificates)
      for (const certId of certIdVariants(certIdHashes, serial))
        for (const { number } of windowsAround((ms) => ocspWindow(certId, ms), now))
          keys.push(ocspKey(issuer, number, certId));
  }
  return keys;
}
