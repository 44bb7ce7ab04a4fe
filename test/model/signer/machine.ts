/** A process of the signer that can be killed between any two steps at its table and bucket, and whose store has bad moments. */
import { Failure } from "#shared/kernel/failure";
import type { SignerBucket } from "#shared/ports/bucket";
import type { Clock } from "#shared/ports/clock";
import type { SharedItems } from "#shared/ports/items";
import type { SignerService } from "#signer/service";
import type { Fleet } from "#test/signer/fleet";
import type { Turns } from "./turns.ts";

/** Killed before it reaches the store, or with the deed done and the answer lost. */
export interface Fate {
  readonly afterSteps: number;
  readonly deedDone: boolean;
  /** Of a hundred steps so many end in an error, half of them with the deed done. */
  readonly troubles: number;
  /** Its clock is so far off. */
  readonly skewMs: number;
}

export interface Machine {
  readonly service: SignerService;
  /** What it answers, unless it is killed first: then `Killed`. */
  asked<T>(work: (service: SignerService) => Promise<T>): Promise<T>;
  readonly dead: () => boolean;
}

export class Killed extends Error {}

export function startMachine(
  fleet: Fleet,
  store: { readonly items: SharedItems; readonly bucket: SignerBucket; readonly clock: Clock },
  turns: Turns,
  fate: Fate,
): Machine {
  let steps = 0;
  let dead = false;
  const { promise: death, reject: die } = Promise.withResolvers<never>();
  death.catch(() => undefined);
  const never = new Promise<never>(() => undefined);

  async function step<T>(deed: () => Promise<T>): Promise<T> {
    await turns.gate();
    if (dead) return never;
    if (++steps >= fate.afterSteps) {
      if (fate.deedDone) await deed();
      dead = true;
      die(new Killed("killed"));
      return never;
    }
    const trouble = turns.draw(100) < fate.troubles;
    if (trouble && turns.draw(2) === 0) throw new Failure("unavailable", "throttled");
    const result = await deed();
    if (trouble) throw new Failure("unavailable", "the answer was lost");
    await turns.gate();
    return dead ? never : result;
  }

  const { items, bucket, clock } = store;
  const service = fleet.start({
    items: {
      get: (key) => step(() => items.get(key)),
      after: (pk, sk, limit) => step(() => items.after(pk, sk, limit)),
      put: (item, condition) => step(() => items.put(item, condition)),
      delete: (key, condition) => step(() => items.delete(key, condition)),
    },
    bucket: {
      get: (name) => step(() => bucket.get(name)),
      put: (name, bytes) => step(() => bucket.put(name, bytes)),
    },
    clock: { now: () => clock.now() + fate.skewMs },
  });
  return {
    service,
    dead: () => dead,
    asked: (work) => Promise.race([work(service), death]),
  };
}
