/** The property that test/model/spine.test.ts (SQLite) and test/contract/spine-model.test.ts (DynamoDB) hold. */
import fc from "fast-check";
import { testClock } from "#test/log/local-log";
import type { ModelStore } from "../stores.ts";
import { spineCommands } from "./commands.ts";
import { heal } from "./follow.ts";
import { type Spec, startOf } from "./spec.ts";
import { World } from "./world.ts";

export const spineProperty = (store: ModelStore, maxCommands: number, laneCounts: readonly number[] = [1, 3]) =>
  fc.asyncProperty(
    fc.constantFrom(...laneCounts),
    fc.constantFrom(1, 2),
    fc.boolean(),
    spineCommands(maxCommands),
    async (lanes, processes, several, commands) => {
      const clock = testClock();
      const world = new World({ store, clock, lanes, processes, several });
      const spec: Spec = startOf(lanes, clock.now());
      await fc.asyncModelRun(() => ({ model: spec, real: world }), commands);
      await heal(spec, world);
      store.clear();
    },
  );
