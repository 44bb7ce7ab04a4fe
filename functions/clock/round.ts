/**
 * The tenants of one round of the clock on AWS: page by page, several at once, within the time that a function has. What a
 * round does not reach the next one begins with.
 */
import type { Directory } from "#shared/ports/directory";

export interface RoundDeps {
  readonly directory: Pick<Directory, "tenants">;
  /** Where the last round stopped; undefined: it came to the end. Of several callers one gets it. */
  takeCursor(): Promise<string | undefined>;
  keepCursor(tenant: string): Promise<void>;
  /** False: nothing happens there, and it may be passed over this time. Never throws. */
  isAwake(tenant: string): Promise<boolean>;
  /** Rings for all wake functions of these tenants. */
  sweep(tenants: readonly string[]): Promise<void>;
  /** Never throws. */
  duties(tenant: string): Promise<void>;
  /** False: no further tenant is begun with. */
  timeLeft(): boolean;
}

/** Of each tenant's duties almost all is waiting for the store. */
const atOnce = 32;

/** @returns how many tenants were looked at */
export async function runRound(deps: RoundDeps): Promise<number> {
  let after = await deps.takeCursor();
  let seen = 0;
  for (;;) {
    const page = await deps.directory.tenants(after);
    if (page.length === 0) return seen;
    const awake = new Set<string>();
    const looked = await inTurn(page, deps, async (tenant) => void ((await deps.isAwake(tenant)) && awake.add(tenant)));
    // First: wakes cost little, and lost ones must not wait for a slow tenant's duties.
    await deps.sweep([...awake]);
    const done = await inTurn(page.slice(0, looked), deps, async (tenant) => {
      if (awake.has(tenant)) await deps.duties(tenant);
    });
    seen += done;
    after = page[done - 1] ?? after;
    if (done === page.length && deps.timeLeft()) continue;
    if (after !== undefined) await deps.keepCursor(after);
    return seen;
  }
}

/** @returns how many of the first were done, without a gap */
async function inTurn(
  tenants: readonly string[],
  { timeLeft }: Pick<RoundDeps, "timeLeft">,
  work: (tenant: string) => Promise<void>,
): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tenants.length && timeLeft()) {
      const tenant = tenants[next++];
      if (tenant !== undefined) await work(tenant);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return next;
}
