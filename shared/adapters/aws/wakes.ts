import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type ShardIteratorType,
} from "@aws-sdk/client-dynamodb-streams";
import type { Wake, Wakes } from "#shared/ports/wakes";
import { localWakes } from "../local/wakes.ts";

export interface DynamoWakes {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  /** Gets what a listener throws, and without a wake what the stream throws. Must not throw itself. */
  readonly onError: (error: unknown, wake?: Wake) => void;
  readonly pollMs?: number;
}

/** The parts of a stream record that say whose it is; the same in the SDK and in a Lambda event. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?:
    | { readonly Keys?: Readonly<Record<string, { readonly S?: string | undefined }>> | undefined }
    | undefined;
}

const lanePartition = /^T#([a-z0-9][a-z0-9-]{0,62})#L#(\d{1,6})$/;

/** New events among the records, each lane once. What the table's stream carries besides rings nothing. */
export function wakesOf(records: readonly StreamRecord[]): readonly Wake[] {
  const wakes = new Map<string, Wake>();
  for (const { eventName, dynamodb } of records) {
    const [, tenant, lane] = lanePartition.exec(dynamodb?.Keys?.["pk"]?.S ?? "") ?? [];
    const isEvent = eventName === "INSERT" && dynamodb?.Keys?.["sk"]?.S?.startsWith("E#") === true;
    if (isEvent && tenant !== undefined) wakes.set(`${tenant}#${lane}`, { tenant, lane: Number(lane) });
  }
  return [...wakes.values()];
}

/** Shards come and go every few hours; a closed one is noticed at once. */
const roundsPerDescribe = 40;

/**
 * Wakes from the table's stream, for a process that is no Lambda (there the event source calls `wakesOf`).
 * The write itself rings. Listening starts at the stream's end; after an error of the stream it starts there anew.
 */
export function dynamoWakes({ client, streamArn, onError, pollMs = 250 }: DynamoWakes): Wakes {
  const inner = localWakes({ onError });
  let listeners = 0;
  let polling: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  async function shardIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after });
      const { StreamDescription } = await client.send(command);
      for (const { ShardId } of StreamDescription?.Shards ?? []) if (ShardId !== undefined) ids.push(ShardId);
      after = StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
    return ids;
  }

  async function iteratorOf(ShardId: string, ShardIteratorType: ShardIteratorType): Promise<string | undefined> {
    const command = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType });
    return (await client.send(command)).ShardIterator;
  }

  async function poll(signal: AbortSignal): Promise<void> {
    /** Shard → where to read on; undefined for a shard that is closed and read to its end. */
    let shards = new Map<string, string | undefined>();
    let start: ShardIteratorType = "LATEST";
    for (let round = 0; !signal.aborted; round++) {
      try {
        if (round % roundsPerDescribe === 0) {
          const known = new Map<string, string | undefined>();
          for (const id of await shardIds())
            known.set(id, shards.has(id) ? shards.get(id) : await iteratorOf(id, start));
          shards = known;
          start = "TRIM_HORIZON";
        }
        for (const [id, iterator] of shards) {
          if (iterator === undefined) continue;
          const { Records = [], NextShardIterator } = await client.send(
            new GetRecordsCommand({ ShardIterator: iterator }),
          );
          for (const wake of wakesOf(Records)) inner.ring(wake);
          shards.set(id, NextShardIterator);
          if (NextShardIterator === undefined) round = -1;
        }
      } catch (error) {
        if (!signal.aborted) onError(error);
        shards.clear();
        start = "LATEST";
        round = -1;
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    ring: () => undefined,
    listen(onWake) {
      const stopListening = inner.listen(onWake);
      if (listeners++ === 0) {
        const abort = new AbortController();
        polling = { abort, done: poll(abort.signal) };
      }
      let stopped = false;
      return async () => {
        if (stopped) return;
        stopped = true;
        if (--listeners === 0) {
          polling?.abort.abort();
          await polling?.done;
        }
        await stopListening();
      };
    },
  };
}
