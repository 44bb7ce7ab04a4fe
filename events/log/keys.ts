/** Where the log keeps things (DESIGN §4). */
import { sha256Hex } from "#shared/crypto/hash";
import type { AggregateKind } from "#shared/domain/aggregate";
import { aggregates } from "#shared/domain/registry";
import type { ItemKey, Partition } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";

export const headKey = (tenant: string, lane: number): ItemKey => ({
  pk: partition(tenant, "L", String(lane)),
  sk: "HEAD",
});

/** How many lanes the tenant's log has: fixed by its first event, whatever lane that was in. */
export const lanesKey = (tenant: string): ItemKey => ({ pk: partition(tenant, "L"), sk: "LANES" });

/** What the last failover found out before it removed anything. */
export const failoverKey = (tenant: string): ItemKey => ({ pk: partition(tenant, "L"), sk: "FAILOVER" });

export const lostPartition = (tenant: string): Partition => partition(tenant, "L", "lost");

/** Where an event lies that a failover found behind the end of its lane. @param sort its own */
export const lostEventKey = (tenant: string, epoch: number, lane: number, sort: string): ItemKey => ({
  pk: lostPartition(tenant),
  sk: `${String(epoch).padStart(6, "0")}#${String(lane).padStart(6, "0")}#${sort}`,
});

const eventSort = (seq: number): string => `E#${String(seq).padStart(12, "0")}`;

/** Behind every event of a lane. */
export const lastEventSort = "E#999999999999";

export const seqOf = (sort: string): number => Number(sort.slice(2));

export const eventKey = (tenant: string, lane: number, seq: number): ItemKey => ({
  pk: partition(tenant, "L", String(lane)),
  sk: eventSort(seq),
});

export function stateKey(tenant: string, kind: AggregateKind, id: string): ItemKey {
  if (aggregates[kind].partitioned !== true) return { pk: partition(tenant, kind), sk: id };
  const cut = id.lastIndexOf("/");
  if (cut < 1) throw new TypeError(`${kind} ids are <partition>/<rest>, got ${id}`);
  return { pk: partition(tenant, kind, id.slice(0, cut)), sk: id.slice(cut + 1) };
}

export const idempotencyKey = (tenant: string, key: string): ItemKey => ({
  pk: partition(tenant, "U#idempotency", sha256Hex(key)),
  sk: "-",
});

/** The lane of a stream: fixed by its name and the number of lanes. */
export function laneOf(stream: { readonly kind: string; readonly id: string }, lanes: number): number {
  if (lanes === 1) return 0;
  return Number.parseInt(sha256Hex(`${stream.kind}/${stream.id}`).slice(0, 8), 16) % lanes;
}
