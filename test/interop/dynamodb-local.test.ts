/** The contracts of Table, Directory and Wakes, and the log's model, on Amazon's own DynamoDB for one machine. */
import { afterAll, beforeAll, test } from "vitest";
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { streamArn } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { dynamoWakes } from "#shared/adapters/aws/wakes";
import { systemClock } from "#shared/adapters/local/clock";
import { anyPartition } from "#test/contract/any-key";
import { directoryContract } from "#test/contract/directory-contract";
import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { randomId } from "#test/contract/fixtures";
import { tableContract } from "#test/contract/table-contract";
import { wakesContract } from "#test/contract/wakes-contract";
import { hold, lengthOf, timeoutOf } from "#test/model/settings";
import { spineProperty } from "#test/model/spine/run";
import { dynamoModelStore } from "#test/model/stores";
import { startDynamodbLocal } from "./tools/dynamodb-local.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo(startDynamodbLocal);
});
afterAll(async () => {
  await dynamo?.stop();
});

tableContract("DynamoDB Local", async (clock) => ({
  store: dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock }),
  remove: async () => undefined,
}));

directoryContract("DynamoDB Local", async (clock) => ({
  directory: dynamoDirectory({ client: dynamo.client, tableName: dynamo.tables.directory, clock }),
  remove: async () => undefined,
}));

wakesContract("DynamoDB Local", async () => {
  const reported: unknown[] = [];
  const store = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock: systemClock });
  const wakes = dynamoWakes({
    client: dynamo.streams,
    streamArn: await streamArn(dynamo.client, dynamo.tables.core),
    pollMs: 20,
    onError: (error) => reported.push(error),
  });
  return {
    wakes,
    reported,
    ring: async ({ tenant, lane }) => {
      const key = { pk: anyPartition(`T#${tenant}#L#${lane}`), sk: `E#${randomId()}` };
      await store.tenant(tenant).transact([{ put: { ...key, rev: 1, body: "{}" }, if: "absent" }]);
    },
    remove: async () => undefined,
  };
});

const length = lengthOf({ runs: 10, commands: 20 }, { runs: 100, commands: 20 });

test("the spine on DynamoDB Local: same as the specification", { timeout: timeoutOf(length) }, async () => {
  const store = { ...dynamoModelStore(dynamo), close: async () => undefined };
  await hold(spineProperty(store, length.commands, [1, 8]), length);
});
