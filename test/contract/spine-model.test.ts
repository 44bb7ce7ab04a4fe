/** The same specification on DynamoDB, on one lane and on eight as on AWS, which answers slowly here: shorter (test/model/spine.test.ts has the long runs). */
import { afterAll, beforeAll, test } from "vitest";
import { hold, lengthOf, timeoutOf } from "#test/model/settings";
import { spineProperty } from "#test/model/spine/run";
import { dynamoModelStore, type ModelStore } from "#test/model/stores";
import { startDynamo } from "./dynamo.ts";

const length = lengthOf({ runs: 12, commands: 20 }, { runs: 200, commands: 20 });
let store: ModelStore;
beforeAll(async () => {
  store = dynamoModelStore(await startDynamo());
});
afterAll(() => store?.close());

test("the spine on DynamoDB: same as the specification", { timeout: timeoutOf(length) }, async () => {
  await hold(spineProperty(store, length.commands, [1, 8]), length);
});
