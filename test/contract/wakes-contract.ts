import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Wake, Wakes } from "#shared/ports/wakes";
import { randomId } from "./fixtures.ts";

export interface MadeWakes {
  readonly wakes: Wakes;
  /** What listeners threw, as the adapter reported it. */
  readonly reported: readonly unknown[];
  /** Makes a lane new, by whatever rings here. */
  ring(wake: Wake): Promise<void>;
  remove(): Promise<void>;
}

/** A ring may be lost, so the tests ring until they are heard. */
export function wakesContract(name: string, makeWakes: () => Promise<MadeWakes>): void {
  describe(`Wakes: ${name}`, () => {
    let made: MadeWakes | undefined;
    const it = (): MadeWakes => {
      if (made === undefined) throw new Error("the wakes did not start");
      return made;
    };
    const ringUntil = async (wake: Wake, heard: () => boolean): Promise<void> => {
      await vi.waitUntil(
        async () => {
          await it().ring(wake);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return heard();
        },
        { timeout: 20_000, interval: 20 },
      );
    };
    beforeAll(async () => {
      made = await makeWakes();
    });
    afterAll(async () => {
      await made?.remove();
    });

    test("a ring reaches every listener with its tenant and lane, and none after it stopped", async () => {
      const tenant = randomId();
      const heard: [Wake[], Wake[]] = [[], []];
      const stops = heard.map((list) =>
        it().wakes.listen(async (wake) => {
          if (wake.tenant === tenant) list.push(wake);
        }),
      );
      await ringUntil({ tenant, lane: 3 }, () => heard.every((list) => list.length > 0));
      expect(heard[0][0]).toEqual({ tenant, lane: 3 });
      expect(heard[1][0]).toEqual({ tenant, lane: 3 });
      await stops[0]?.();
      const before = heard[0].length;
      const other = heard[1].length;
      await ringUntil({ tenant, lane: 3 }, () => heard[1].length > other);
      expect(heard[0]).toHaveLength(before);
      await stops[1]?.();
      await stops[1]?.();
    });

    test("what a listener throws is reported, and the next ring is heard all the same", async () => {
      const tenant = randomId();
      let calls = 0;
      const stop = it().wakes.listen(async (wake) => {
        if (wake.tenant !== tenant) return;
        calls++;
        if (calls === 1) throw new Error(`planted ${tenant}`);
      });
      await ringUntil({ tenant, lane: 0 }, () => calls >= 2);
      expect(it().reported.map(String)).toContain(`Error: planted ${tenant}`);
      await stop();
    });

    test("a lane that hangs does not keep another from being heard, and is not called twice at a time", async () => {
      const tenant = randomId();
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const calls = { hanging: 0, free: 0 };
      const stop = it().wakes.listen(async (wake) => {
        if (wake.tenant !== tenant) return;
        if (wake.lane === 0) {
          calls.hanging++;
          await gate;
        } else calls.free++;
      });
      await ringUntil({ tenant, lane: 0 }, () => calls.hanging === 1);
      await it().ring({ tenant, lane: 0 });
      await ringUntil({ tenant, lane: 1 }, () => calls.free > 2);
      expect(calls.hanging).toBe(1);
      release();
      // The ring that came during the run is not lost.
      await ringUntil({ tenant, lane: 1 }, () => calls.hanging > 1);
      await stop();
    });

    test("stop waits for what runs", async () => {
      const tenant = randomId();
      const state = { running: false, done: false };
      const stop = it().wakes.listen(async (wake) => {
        if (wake.tenant !== tenant) return;
        state.running = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
        state.done = true;
      });
      await ringUntil({ tenant, lane: 0 }, () => state.running);
      await stop();
      expect(state.done).toBe(true);
    });
  });
}
