/**
 * From the core table's stream to the queues of the wake functions. It knows whose item moved and nothing of what is in it;
 * a record rings once for each tenant and function that it concerns, however many of a batch do.
 */
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { QueuedWake, WakeQueues } from "#shared/adapters/aws/wake-queues";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import type { Report } from "../lambda/log.ts";
import { wakeNames, type WakeSource, wakeSources, viewSuffix } from "../lambda/wake-sources.ts";

export function createRouter(queues: WakeQueues, report: Report) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    /** Each wake with the first record that asks for it. */
    const wakes = new Map<string, QueuedWake & { readonly record: number }>();
    Records.forEach((record, n) => {
      for (const wake of wakesOf(record, report)) {
        const name = `${wake.queue} ${wake.tenant}`;
        if (!wakes.has(name)) wakes.set(name, { ...wake, record: n });
      }
    });
    const failed = await queues.send([...wakes.values()]);
    for (const { wake, error } of failed) report(error, { tenant: wake.tenant, queue: wake.queue });
    const numbers = failed.map(({ wake }) => wakes.get(`${wake.queue} ${wake.tenant}`)?.record ?? 0);
    // The stream goes on from the first one named, and what comes again only rings again.
    const first = Records[Math.min(...numbers)]?.dynamodb?.SequenceNumber;
    return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
  };
}

/** A record that is none of ours is said and passed over: the stream must not stand still behind it. */
function wakesOf({ eventName, dynamodb }: DynamoDBRecord, report: Report): QueuedWake[] {
  const pk = dynamodb?.Keys?.["pk"]?.S;
  const sk = dynamodb?.Keys?.["sk"]?.S;
  const [, tenant = ""] = /^T#([^#]*)#/.exec(pk ?? "") ?? [];
  if (sk === undefined || !isTenantId(tenant)) {
    const sequence = dynamodb?.SequenceNumber;
    report(new Failure("corrupt", "a record of the stream is of no tenant's item"), { sequence });
    return [];
  }
  if (eventName !== "INSERT" && eventName !== "MODIFY") return [];
  const view = dynamodb?.NewImage?.["vpk"]?.S ?? "";
  const concerns = (source: WakeSource): boolean =>
    "events" in source
      ? eventName === "INSERT" && sk.startsWith("E#")
      : view === `T#${tenant}${viewSuffix(source.view)}`;
  return wakeNames.filter((name) => concerns(wakeSources[name])).map((queue) => ({ queue, tenant }));
}
