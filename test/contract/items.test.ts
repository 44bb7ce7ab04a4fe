import { afterAll, beforeAll } from "vitest";
import { dynamoItems } from "#shared/adapters/aws/items";
import { memoryItems } from "#test/signer/items";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { itemsContract } from "./items-contract.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.stop());

const memory = memoryItems();
itemsContract("memory, for models", () => memory);
itemsContract("DynamoDB", () => dynamoItems({ client: dynamo.client, tableName: dynamo.tables.core }));
