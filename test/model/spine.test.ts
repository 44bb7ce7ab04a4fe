/** Log, idempotency, outbox and projections against their specification, on SQLite (DynamoDB: test/contract/spine-model.test.ts). */
import { afterAll, beforeAll, test } from "vitest";
import { hold, lengthOf, timeoutOf } from "./settings.ts";
import { spineProperty } from "./spine/run.ts";
import { type ModelStore, sqliteModelStore } from "./stores.ts";

const length = lengthOf({ runs: 60, commands: 40 });
let store: ModelStore;
beforeAll(() => {
  store = sqliteModelStore();
});
afterAll(() => store.close());

test("whatever happens, in whatever order, wherever it is cut: same as the specification", {
  timeout: timeoutOf(length),
}, async () => {
  await hold(spineProperty(store, length.commands), length);
});
