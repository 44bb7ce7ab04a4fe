import { type CrlShard, type CrlShardEvent, maxShardEntries, type ReservedPlaces } from "./crl-shard.ts";

/** The CRL that still names a certificate after its end (RFC 5280 3.3) may itself speak for 10 days. */
const drainMs = 30 * 86_400_000;

/** @returns undefined when it has no room: another shard is to be used */
export function decideReserve(shard: CrlShard, places: ReservedPlaces, nowMs: number): CrlShardEvent | undefined {
  const reused = Date.parse(shard.until) + drainMs < nowMs && shard.assigned > 0;
  if (!reused && shard.assigned + places.count > maxShardEntries) return undefined;
  return { type: "crl-shard.reserved", data: { ...places, reused } };
}
