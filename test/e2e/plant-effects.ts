/**
 * Effects in the log of a stopped host, through `log.commit`: as a release left them behind whose destination this one no
 * longer has, or has not yet. The host gives them up as soon as it runs.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { createCircuits } from "#events/outbox/circuit";
import { systemClock } from "#shared/adapters/local/clock";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import { localWakes } from "#shared/adapters/local/wakes";
import { newId } from "#shared/crypto/random";
import type { Effect } from "#shared/domain/aggregate";

const fail = (error: unknown): never => {
  throw error;
};

const lanes = 1;

function openStore(data: string) {
  const sqlite = openSqlite(join(data, "host", "store.db"));
  const tables = sqliteTableStore(sqlite, systemClock);
  const log = createEventLog({ tables, wakes: localWakes({ onError: fail }), lanes });
  return { log, tables, close: () => sqlite.close() };
}

/** Likewise deliveries that failed, as many in a row. */
export async function plantFailures(data: string, tenant: string, destination: string, count: number): Promise<void> {
  const store = openStore(data);
  const failure = { now: systemClock.now(), error: "unavailable: chat is down", opens: true };
  try {
    const circuits = createCircuits(store);
    for (let n = 0; n < count; n++) await circuits.failed(tenant, destination, failure);
  } finally {
    store.close();
  }
}

const inOneEvent = 80;

/** @param data directory of a stopped host @returns the ids of the entries */
export async function plantEffects(data: string, tenant: string, destination: string, count: number) {
  const { log, close } = openStore(data);
  const ids: string[] = [];
  try {
    while (ids.length < count) {
      const effects: Effect[] = Array.from({ length: Math.min(inOneEvent, count - ids.length) }, () => ({
        id: newId(systemClock.now()),
        destination,
        payload: { secret: "payload-of-a-stranger" },
      }));
      const outcome = await log.commit({
        tenant,
        actor: { subject: "another release", roles: [] },
        at: systemClock.now(),
        stream: await log.load(tenant, "member", `planted-${randomUUID()}`),
        event: { type: "member.upserted", data: { display_name: null, email: null, roles: [] } },
        effects,
      });
      if (!outcome.ok) throw new Error(`nothing was planted: ${outcome.reason}`);
      ids.push(...effects.map(({ id }) => id));
    }
  } finally {
    close();
  }
  return ids;
}
