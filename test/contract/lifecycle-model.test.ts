/** The same life on DynamoDB, on eight lanes as on AWS; shorter (test/model/lifecycle.test.ts has the long runs). */
import "#test/vectors/reflect-metadata";
import { afterAll, beforeAll, test } from "vitest";
import { openVault, type Vault } from "#test/model/lifecycle/estate";
import { lifecycleProperty } from "#test/model/lifecycle/run";
import { hold, lengthOf, timeoutOf } from "#test/model/settings";
import { dynamoModelStore, type ModelStore } from "#test/model/stores";
import { startDynamo } from "./dynamo.ts";

const length = lengthOf({ runs: 4, commands: 20 }, { runs: 200, commands: 20 });
let store: ModelStore;
let vault: Vault;
beforeAll(async () => {
  store = dynamoModelStore(await startDynamo());
  vault = await openVault();
});
afterAll(async () => {
  await store?.close();
  await vault?.close();
});

test("the lifecycle on DynamoDB: same as the specification", { timeout: timeoutOf(length) }, async () => {
  await hold(lifecycleProperty(store, vault, 8, length.commands), length);
});
