/** The property that test/model/lifecycle.test.ts (SQLite) and test/contract/lifecycle-model.test.ts (DynamoDB) hold. */
import fc from "fast-check";
import { testClock } from "#test/log/local-log";
import type { ModelStore } from "../stores.ts";
import { heal, lifeCommands } from "./commands.ts";
import type { Vault } from "./estate.ts";
import { found, World } from "./world.ts";

export const lifecycleProperty = (store: ModelStore, vault: Vault, lanes: number, maxCommands: number) =>
  fc.asyncProperty(lifeCommands(maxCommands), async (commands) => {
    const world = new World({ store, vault, clock: testClock(), lanes });
    const spec = await found(world);
    await fc.asyncModelRun(() => ({ model: spec, real: world }), commands);
    await heal(spec, world);
    store.clear();
  });
