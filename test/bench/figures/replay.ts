import { join } from "node:path";
import { chainHash } from "#events/log/chain";
import { createEventLog } from "#events/log/log";
import { readPages, rebuildStates } from "#events/log/rebuild";
import { projections } from "#events/projections/registry";
import { replayProjection } from "#events/projections/runner";
import { systemClock } from "#shared/adapters/local/clock";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import type { EventLog } from "#shared/ports/event-log";
import { atLeast, type Figure } from "../figure.ts";

const tenant = "default";

/** Reads the log of the populated host, which does not run, from the disk: decoded and its chain checked; then every view made anew. */
export const replay: Figure = {
  name: "replay",
  title: "events a second: decoded and chain checked; all views rebuilt",
  async measure(session) {
    const place = await session.population();
    const sqlite = openSqlite(join(place, "data", "host", "store.db"));
    try {
      const tables = sqliteTableStore(sqlite, systemClock);
      const log = createEventLog({ tables, wakes: localWakes({ onError: () => undefined }), lanes: 1 });
      const replayed: number[] = [];
      const rebuilt: number[] = [];
      for (let n = 0; n < (session.quick ? 1 : 3); n++) {
        replayed.push(await perSecond(() => checkChain(log)));
        rebuilt.push(await perSecond(() => rebuild(log)));
      }
      return [
        { figure: "replay", unit: "1/s", goal: atLeast(100_000), samples: replayed },
        { figure: "rebuild", unit: "1/s", goal: atLeast(15_000), samples: rebuilt },
      ];
    } finally {
      sqlite.close();
    }
  },
};

async function perSecond(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const events = await work();
  return events / ((performance.now() - started) / 1000);
}

async function checkChain(log: EventLog): Promise<number> {
  let prev = "";
  let count = 0;
  for await (const page of readPages(log, tenant)) {
    for (const { lane, seq, hash, bytes } of page) {
      if (chainHash({ tenant, lane, seq, prev, event: bytes }) !== hash)
        throw new Error(`event ${seq} breaks the chain`);
      prev = hash;
    }
    count += page.length;
  }
  return count;
}

async function rebuild(log: EventLog): Promise<number> {
  let items = 0;
  for await (const share of rebuildStates(log, tenant)) items += share.length;
  if (items === 0) throw new Error("nothing was rebuilt");
  let events = 0;
  for (const projection of projections) {
    const { cursor } = await replayProjection(log, tenant, projection);
    events = cursor.lanes.reduce((sum, seq) => sum + seq, 0);
  }
  return events;
}
