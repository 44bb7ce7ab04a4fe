/** The log on DynamoDB, where its transactions are larger than the model makes them (spine-model.test.ts). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEventLog } from "#events/log/log";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import type { EventLog, Snapshot } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";
import { recordedWakes } from "#test/log/local-log";
import { expectSoundChain } from "#test/log/sound";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { manualClock, randomId } from "./fixtures.ts";

const clock = manualClock();
let dynamo: Dynamo;
let tables: TableStore;
beforeAll(async () => {
  dynamo = await startDynamo();
  tables = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock });
});
afterAll(async () => {
  await dynamo?.stop();
});

const process = (lanes: number): EventLog => createEventLog({ tables, wakes: recordedWakes(), lanes });

test("commands that wait together are one transaction, and more than it holds are split", async () => {
  const tenant = randomId();
  const log = process(1);
  const absent = (id: string): Snapshot => ({ kind: "member", id, rev: 0, state: undefined, origin: undefined });
  const outcomes = await Promise.all(
    Array.from({ length: 120 }, (_, n) =>
      log.commit({
        tenant,
        actor: { subject: "tester", roles: [] },
        at: clock.now(),
        stream: absent(`m${n}`),
        event: { type: "member.upserted", data: { display_name: "x".repeat(1000), email: null, roles: [] } },
        idempotency: { key: `k${n}`, fingerprint: "f", status: 200, operation: "o", resource: "r" },
      }),
    ),
  );
  expect(outcomes.map((outcome) => outcome.ok && outcome.position.seq)).toEqual(
    Array.from({ length: 120 }, (_, n) => n + 1),
  );
  await expectSoundChain(log, tenant);
});
