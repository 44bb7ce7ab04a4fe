/** The life of identities, certificates and all around them through the API, against its specification, on SQLite. */
import "#test/vectors/reflect-metadata";
import { afterAll, beforeAll, test } from "vitest";
import { openVault, type Vault } from "./lifecycle/estate.ts";
import { lifecycleProperty } from "./lifecycle/run.ts";
import { hold, lengthOf, timeoutOf } from "./settings.ts";
import { type ModelStore, sqliteModelStore } from "./stores.ts";

const length = lengthOf({ runs: 10, commands: 30 });
let store: ModelStore;
let vault: Vault;
beforeAll(async () => {
  store = sqliteModelStore();
  vault = await openVault();
});
afterAll(async () => {
  await store.close();
  await vault.close();
});

test("whatever is asked for, in whatever order, wherever it is cut: same as the specification", {
  timeout: timeoutOf(length),
}, async () => {
  await hold(lifecycleProperty(store, vault, 1, length.commands), length);
});
