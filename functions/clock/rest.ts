/**
 * Tenants in which nothing happens are seen to less often on AWS, where each look costs: one whose log stands where it stood
 * twelve minutes ago, and of which nothing failed or is overdue, is left alone for a quarter of an hour. Each round still reads
 * where its lanes end, so whatever is written wakes it within a minute, also when every wake was lost.
 */
import { isCount, isText, readStored } from "#events/stored";
import type { FunctionDeps } from "../function.ts";

/**
 * What follows an event by itself (deltas, checkpoints, deliveries that are tried again, a confirmation that is waited for) is
 * over then, or keeps failing.
 */
export const settledMs = 12 * 60_000;
/** Half a CRL's margin is half a day: nothing that time brings about minds so much. */
export const restMs = 15 * 60_000;
const keepMs = 3_600_000;
const name = "clock/rest";

interface Row {
  /** Where the lanes end. */
  readonly heads: string;
  /** First seen there, milliseconds. */
  readonly since: number;
  /** 0: no rest. */
  readonly until: number;
}

export interface Rest {
  /** Whether the tenant is to be seen to in this round. */
  isAwake(tenant: string): Promise<boolean>;
  /** After that. @param well nothing failed, and nothing is overdue */
  seenTo(tenant: string, well: boolean): Promise<void>;
}

export function createRest({ log, shortLived, clock }: Pick<FunctionDeps, "log" | "shortLived" | "clock">): Rest {
  const looked = new Map<string, { readonly body: string | undefined; readonly heads: string }>();

  return {
    async isAwake(tenant) {
      const [body, lanes] = await Promise.all([shortLived.get(tenant, name), log.heads(tenant)]);
      const row = body === undefined ? undefined : readRow(body);
      const heads = lanes.map(({ seq, hash }) => `${seq}:${hash.slice(0, 8)}`).join(" ");
      looked.set(tenant, { body, heads });
      const now = clock.now();
      // After the clock was set back a rest would last too long.
      return row === undefined || row.heads !== heads || now >= row.until || row.until > now + restMs;
    },

    async seenTo(tenant, well) {
      const { body: from, heads } = looked.get(tenant) ?? { body: undefined, heads: "" };
      looked.delete(tenant);
      const row = from === undefined ? undefined : readRow(from);
      const now = clock.now();
      const since = row?.heads === heads && row.since <= now ? row.since : now;
      const until = well && now - since >= settledMs ? now + restMs : 0;
      const to = JSON.stringify({ heads, since, until } satisfies Row);
      // Of two clocks at once the first one's word is as good.
      if (from === undefined) await shortLived.put(tenant, name, to, keepMs);
      else if (from !== to) await shortLived.replace(tenant, name, { from, to }, keepMs);
    },
  };
}

const readRow = (body: string): Row =>
  readStored<Row>(body, "the rest of a tenant", { heads: isText, since: isCount, until: isCount });
