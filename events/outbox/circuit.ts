/**
 * One breaker for each (tenant, destination): 3 failures in a row open it for 30 s, then one probe decides. In the table: what
 * a destination failed is known to every process that delivers for the tenant, and to whoever looks. Lost, it is closed.
 */
import { circuitOf } from "#shared/domain/intervention/intervention";
import type { EventLog } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { isCount, isText, readStored } from "../stored.ts";
import { leftMs } from "./backoff.ts";

const threshold = 3;
const openMs = 30_000;

/** Times are milliseconds since 1970. */
export interface Circuit {
  /** In a row. */
  readonly failures: number;
  /** 0: it is closed. */
  readonly openUntil: number;
  /** When the first of the failures was; 0 in what earlier releases wrote. */
  readonly since: number;
  readonly error: string;
}

/** half_open: its time is over, the next delivery is the probe. */
export type CircuitState = "closed" | "open" | "half_open";

export interface CircuitDeps {
  readonly log: Pick<EventLog, "load">;
  readonly tables: TableStore;
}

export interface FailedDelivery {
  readonly now: number;
  readonly error: string;
  /** False for a service of our own: failures are counted, and nothing waits for them. */
  readonly opens: boolean;
}

export const stateOf = ({ openUntil }: Circuit, now: number): CircuitState =>
  openUntil === 0 ? "closed" : waitOf(openUntil, now) > 0 ? "open" : "half_open";

const waitOf = (openUntil: number, now: number): number => leftMs(openUntil, openMs, now);

function afterFailure(before: Circuit | undefined, { now, error, opens }: FailedDelivery): Circuit {
  const failures = (before?.failures ?? 0) + 1;
  return { failures, openUntil: opens && failures >= threshold ? now + openMs : 0, since: before?.since ?? now, error };
}

interface Row extends Partial<Circuit> {
  readonly failures: number;
  readonly openUntil: number;
  /** Revision of the circuit's intervention: of an earlier one nothing counts. */
  readonly of?: number;
}

/** Members that earlier releases did not write. */
const orAbsent = (holds: (value: unknown) => boolean) => (value: unknown) => value === undefined || holds(value);
const shape = {
  failures: isCount,
  openUntil: isCount,
  since: orAbsent(isCount),
  error: orAbsent(isText),
  of: orAbsent(isCount),
};

const keyOf = (tenant: string, destination: string) => ({ pk: partition(tenant, "O#circuit"), sk: destination });

async function read({ log, tables }: CircuitDeps, tenant: string, destination: string) {
  const item = await tables.tenant(tenant).get(keyOf(tenant, destination), { consistent: true });
  if (item === undefined) return { rev: 0, circuit: undefined };
  const row = readStored<Row>(item.body, `the circuit of ${destination}`, shape);
  const { failures, openUntil, since = 0, error = "", of = 0 } = row;
  const reset = (await log.load(tenant, "intervention", circuitOf(destination))).rev;
  return { rev: item.rev, circuit: of === reset ? { failures, openUntil, since, error } : undefined };
}

/** Undefined: nothing has failed since the last success, or since it was reset. */
export const readCircuit = async (
  deps: CircuitDeps,
  tenant: string,
  destination: string,
): Promise<Circuit | undefined> => (await read(deps, tenant, destination)).circuit;

/** Destinations that have failed lately, by name. At most as many as there are destinations. */
export async function troubledDestinations({ tables }: CircuitDeps, tenant: string): Promise<readonly string[]> {
  const { items } = await tables.tenant(tenant).query({ pk: partition(tenant, "O#circuit"), limit: 1_000 });
  return items.map(({ sk }) => sk);
}

export interface Circuits {
  /** Milliseconds until a delivery may be tried; 0 is now. */
  wait(tenant: string, destination: string, now: number): Promise<number>;
  succeeded(tenant: string, destination: string): Promise<void>;
  failed(tenant: string, destination: string, failure: FailedDelivery): Promise<void>;
}

export function createCircuits(deps: CircuitDeps): Circuits {
  /** Those that have a row, as far as this process knows: a success of any other costs nothing. */
  const troubled = new Set<string>();

  async function look(tenant: string, destination: string) {
    const found = await read(deps, tenant, destination);
    const name = `${tenant}#${destination}`;
    if (found.rev === 0) troubled.delete(name);
    else troubled.add(name);
    return found;
  }

  return {
    async wait(tenant, destination, now) {
      const { circuit } = await look(tenant, destination);
      return circuit === undefined ? 0 : waitOf(circuit.openUntil, now);
    },
    async succeeded(tenant, destination) {
      if (!troubled.delete(`${tenant}#${destination}`)) return;
      await deps.tables.tenant(tenant).transact([{ delete: keyOf(tenant, destination) }]);
    },
    async failed(tenant, destination, failure) {
      for (let written = false; !written; ) {
        const { rev, circuit } = await look(tenant, destination);
        const of = (await deps.log.load(tenant, "intervention", circuitOf(destination))).rev;
        const row: Row = { ...afterFailure(circuit, failure), of };
        const put = { ...keyOf(tenant, destination), rev: rev + 1, body: JSON.stringify(row) };
        const outcome = await deps.tables.tenant(tenant).transact([{ put, if: rev === 0 ? "absent" : { rev } }]);
        written = outcome.ok;
        if (written) troubled.add(`${tenant}#${destination}`);
      }
    },
  };
}
