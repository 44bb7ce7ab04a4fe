/**
 * One breaker for each (tenant, destination): 3 failures in a row open it for 30 s, then one probe decides. In this process
 * where it is the only one; in the table where others deliver for the same tenants, so that one environment's failures
 * keep all of them from trying. Lost, it is closed.
 */
import type { TableStore } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { isCount, readStored } from "../stored.ts";
import { leftMs } from "./backoff.ts";

const threshold = 3;
const openMs = 30_000;
const keepMs = 86_400_000;

interface State {
  readonly failures: number;
  readonly openUntil: number;
}

export interface Circuits {
  /** Milliseconds until a delivery may be tried; 0 is now. */
  wait(tenant: string, destination: string, now: number): Promise<number>;
  succeeded(tenant: string, destination: string): Promise<void>;
  failed(tenant: string, destination: string, now: number): Promise<void>;
}

const waitOf = (state: State | undefined, now: number): number =>
  state === undefined || state.failures < threshold ? 0 : leftMs(state.openUntil, openMs, now);

const afterFailure = (state: State | undefined, now: number): State => {
  const failures = (state?.failures ?? 0) + 1;
  return { failures, openUntil: failures >= threshold ? now + openMs : 0 };
};

export function circuitsInMemory(): Circuits {
  const states = new Map<string, State>();
  return {
    wait: async (tenant, destination, now) => waitOf(states.get(`${tenant}#${destination}`), now),
    succeeded: async (tenant, destination) => void states.delete(`${tenant}#${destination}`),
    async failed(tenant, destination, now) {
      const key = `${tenant}#${destination}`;
      states.set(key, afterFailure(states.get(key), now));
    },
  };
}

export function circuitsInTable(tables: TableStore): Circuits {
  /** Those that have a row, as far as this process knows: a success of any other costs nothing. */
  const troubled = new Set<string>();

  const keyOf = (tenant: string, destination: string) => ({ pk: partition(tenant, "O#circuit"), sk: destination });

  async function read(tenant: string, destination: string) {
    const item = await tables.tenant(tenant).get(keyOf(tenant, destination), { consistent: true });
    const name = `${tenant}#${destination}`;
    if (item === undefined) troubled.delete(name);
    else troubled.add(name);
    const state =
      item && readStored<State>(item.body, `the circuit of ${destination}`, { failures: isCount, openUntil: isCount });
    return { state, rev: item?.rev ?? 0 };
  }

  return {
    wait: async (tenant, destination, now) => waitOf((await read(tenant, destination)).state, now),
    async succeeded(tenant, destination) {
      if (!troubled.delete(`${tenant}#${destination}`)) return;
      await tables.tenant(tenant).transact([{ delete: keyOf(tenant, destination) }]);
    },
    async failed(tenant, destination, now) {
      for (let written = false; !written; ) {
        const { state, rev } = await read(tenant, destination);
        const body = JSON.stringify(afterFailure(state, now));
        const put = { ...keyOf(tenant, destination), rev: rev + 1, body, expiresAt: now + keepMs };
        written = (await tables.tenant(tenant).transact([{ put, if: rev === 0 ? "absent" : { rev } }])).ok;
      }
    },
  };
}
