/** Stored events for a verifier that trusts nobody: exact bytes, hashes, heads. */
import { Failure } from "#shared/kernel/failure";
import type { ChainLink, EventLog } from "#shared/ports/event-log";

export async function exportPage(log: EventLog, tenant: string, limit: number, cursor: string | undefined) {
  const start = position(cursor);
  const heads = await log.heads(tenant);
  const items: ReturnType<typeof exportedLink>[] = [];
  let { lane, seq } = start;
  while (lane < heads.length && items.length < limit) {
    const links = await log.links(tenant, lane, seq, limit - items.length);
    items.push(...links.map(exportedLink));
    const last = links.at(-1);
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

export const exportedLink = ({ lane, seq, hash, sha256, event }: ChainLink) => ({
  lane,
  sequence: seq,
  hash,
  sha256,
  event: event ?? null,
});

function position(cursor: string | undefined): { lane: number; seq: number } {
  if (cursor === undefined) return { lane: 0, seq: 0 };
  const [, lane, seq] = /^(\d{1,4}):(\d{1,12})$/.exec(cursor) ?? [];
  if (lane === undefined || seq === undefined)
    throw new Failure("invalid_field", "cursor: not one of ours; take next_cursor of the page before, unchanged", {
      field: "cursor",
    });
  return { lane: Number(lane), seq: Number(seq) };
}
