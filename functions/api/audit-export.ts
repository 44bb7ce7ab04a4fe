/** Stored events for a verifier that trusts nobody: exact bytes, hashes, heads. */
import { Failure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";

export async function exportPage(log: EventLog, tenant: string, limit: number, cursor: string | undefined) {
  const start = position(cursor);
  const heads = await log.heads(tenant);
  const items: { lane: number; sequence: number; hash: string; event: string }[] = [];
  let { lane, seq } = start;
  while (lane < heads.length && items.length < limit) {
    const events = await log.read(tenant, lane, seq, limit - items.length);
    for (const event of events) items.push({ lane, sequence: event.seq, hash: event.hash, event: event.bytes });
    const last = events.at(-1);
    if (items.length < limit) {
      lane++;
      seq = 0;
    } else if (last !== undefined) seq = last.seq;
  }
  const more =
    lane < heads.length && (heads.slice(lane + 1).some((head) => head.seq > 0) || (heads[lane]?.seq ?? 0) > seq);
  return {
    tenant,
    heads: heads.map((head) => ({ lane: head.lane, sequence: head.seq, hash: head.hash })),
    items,
    cursor: more ? `${lane}:${seq}` : undefined,
  };
}

function position(cursor: string | undefined): { lane: number; seq: number } {
  if (cursor === undefined) return { lane: 0, seq: 0 };
  const [, lane, seq] = /^(\d{1,4}):(\d{1,12})$/.exec(cursor) ?? [];
  if (lane === undefined || seq === undefined)
    throw new Failure("invalid_field", "cursor: not one of ours; take next_cursor of the page before, unchanged", {
      field: "cursor",
    });
  return { lane: Number(lane), seq: Number(seq) };
}
