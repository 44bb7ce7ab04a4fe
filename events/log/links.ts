/** A lane's chain as it is stored, without decoding what the events say: also of events that cannot be read any more. */
import { sha256Hex } from "#shared/crypto/hash";
import type { ChainLink } from "#shared/ports/event-log";
import type { Table } from "#shared/ports/table";
import { eventKey, lastEventSort, seqOf } from "./keys.ts";
import { hashOfBody, prunedOf, textOfBody } from "./record.ts";

const pageSize = 1000;

/** Links with a sequence above `after`, ascending. */
export async function readLinks(
  table: Table,
  tenant: string,
  lane: number,
  after: number,
  limit: number,
): Promise<readonly ChainLink[]> {
  const { pk, sk } = eventKey(tenant, lane, after + 1);
  const links: ChainLink[] = [];
  let cursor: string | undefined;
  do {
    const page = await table.query({
      pk,
      from: sk,
      to: lastEventSort,
      limit: Math.min(pageSize, limit - links.length),
      consistent: true,
      ...(cursor !== undefined && { after: cursor }),
    });
    for (const { sk: sort, body } of page.items) {
      const pruned = prunedOf(body);
      const place = { lane, seq: seqOf(sort), hash: hashOfBody(body) };
      links.push(
        pruned === undefined
          ? { ...place, sha256: sha256Hex(textOfBody(body)), event: textOfBody(body) }
          : { ...place, ...pruned },
      );
    }
    cursor = page.cursor;
  } while (cursor !== undefined && links.length < limit);
  return links;
}
