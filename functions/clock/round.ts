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
  /** Rings for all wake functions of these tenants. */
  sweep(tenants: readonly string[]): Promise<void>;
  /** Never throws. */
  duties(tenant: string): Promise<void>;
  /** False: no further tenant is begun with. */
  timeLeft(): boolean;
}

/** Of each tenant's duties almost all is waiting for the store. */
const atOnce = 32;

/** @returns how many tenants were seen to */
export async function runRound(deps: RoundDeps): Promise<number> {
  let after = await deps.takeCursor();
  let seen = 0;
  for (;;) {
    const page = await deps.directory.tenants(after);
    if (page.length === 0) return seen;
    // First: wakes cost little, and lost ones must not wait for a slow tenant's duties.
    await deps.sweep(page);
    const done = await inTurn(page, deps);
    seen += done;
    after = page[done - 1] ?? after;
    if (done === page.length && deps.timeLeft()) continue;
    if (after !== undefined) await deps.keepCursor(after);
    return seen;
  }
}

/** @returns how many of the first were done, without a gap */
async function inTurn(tenants: readonly string[], { duties, timeLeft }: RoundDeps): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tenants.length && timeLeft()) {
      const tenant = tenants[next++];
      if (tenant !== undefined) await duties(tenant);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return next;
}
