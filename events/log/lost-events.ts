/** What failovers found behind the ends of lanes and set aside: kept for people, and to know what it had touched. */
import type { AggregateWrite } from "#shared/ports/event-log";
import type { Table } from "#shared/ports/table";
import { isFailure } from "#shared/kernel/failure";
import { lostPartition } from "./keys.ts";
import { readEvent } from "./record.ts";

export interface LostEvent {
  readonly epoch: number;
  readonly lane: number;
  readonly sequence: number;
  readonly type: string;
  readonly writes: readonly AggregateWrite[];
}

/** By epoch, lane and sequence; one that cannot be read is passed over. */
export async function* lostEventsOf(table: Table, tenant: string): AsyncGenerator<LostEvent> {
  let after: string | undefined;
  do {
    const page = await table.query({
      pk: lostPartition(tenant),
      limit: 100,
      consistent: true,
      ...(after !== undefined && { after }),
    });
    for (const item of page.items) {
      const [epoch, lane, , seq] = item.sk.split("#").map(Number);
      const at = { lane: lane ?? 0, seq: seq ?? 0 };
      try {
        const { type, writes } = readEvent(at, item);
        yield { epoch: epoch ?? 0, lane: at.lane, sequence: at.seq, type, writes };
      } catch (error) {
        if (!isFailure(error, "corrupt")) throw error;
      }
    }
    after = page.cursor;
  } while (after !== undefined);
}
