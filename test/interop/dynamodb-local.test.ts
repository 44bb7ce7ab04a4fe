/** The contracts of Table, Directory and Wakes, and the log's model, on Amazon's own DynamoDB for one machine. */
import { afterAll, beforeAll, test } from "vitest";
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { directoryContract } from "#test/contract/directory-contract";
import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { streamWakes } from "#test/contract/stream-wakes";
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

wakesContract("DynamoDB Local", () => streamWakes(dynamo));

const length = lengthOf({ runs: 10, commands: 20 }, { runs: 100, commands: 20 });

test("the spine on DynamoDB Local: same as the specification", { timeout: timeoutOf(length) }, async () => {
  const store = { ...dynamoModelStore(dynamo), close: async () => undefined };
  await hold(spineProperty(store, length.commands, [1, 8]), length);
});
