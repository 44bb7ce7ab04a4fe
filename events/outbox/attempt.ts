/**
 * How delivery of a pending entry stands. Lost on restore: then every pending entry simply starts over. It counts for the
 * revision of the entry that it was written for: what a crash left behind says nothing about an entry that was redriven.
 */
import type { Snapshot } from "#shared/ports/event-log";
import type { Table } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { isCount, isText, readStored } from "../stored.ts";

export interface Attempt {
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly nextAt: number;
  readonly error: string;
}

type Entry = Pick<Snapshot<"outbox">, "id" | "rev">;

interface AttemptRow extends Attempt {
  /** Revision of the entry. */
  readonly of: number;
}

const shape = { attempts: isCount, nextAt: isCount, error: isText, of: isCount };
const keepMs = 30 * 86_400_000;

export async function readAttempt(table: Table, tenant: string, entry: Entry): Promise<Attempt | undefined> {
  const item = await table.get({ pk: partition(tenant, "O#attempt"), sk: entry.id }, { consistent: true });
  if (item === undefined) return undefined;
  const { of, ...attempt } = readStored<AttemptRow>(item.body, `the attempts of ${entry.id}`, shape);
  return of === entry.rev ? attempt : undefined;
}

export async function writeAttempt(table: Table, tenant: string, entry: Entry, attempt: Attempt): Promise<void> {
  const key = { pk: partition(tenant, "O#attempt"), sk: entry.id };
  const row: AttemptRow = { ...attempt, of: entry.rev };
  await table.transact([
    { put: { ...key, rev: attempt.attempts, body: JSON.stringify(row), expiresAt: attempt.nextAt + keepMs } },
  ]);
}

export async function forgetAttempt(table: Table, tenant: string, id: string): Promise<void> {
  await table.transact([{ delete: { pk: partition(tenant, "O#attempt"), sk: id } }]);
}
