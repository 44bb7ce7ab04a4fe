/** How delivery of a pending entry stands. Lost on restore: then every pending entry simply starts over. */
import type { Table } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";

export interface Attempt {
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly nextAt: number;
  readonly error: string;
}

const keepMs = 30 * 86_400_000;

export async function readAttempt(table: Table, tenant: string, id: string): Promise<Attempt | undefined> {
  const item = await table.get({ pk: partition(tenant, "O#attempt"), sk: id });
  return item === undefined ? undefined : (JSON.parse(item.body) as Attempt);
}

export async function writeAttempt(table: Table, tenant: string, id: string, attempt: Attempt): Promise<void> {
  const key = { pk: partition(tenant, "O#attempt"), sk: id };
  await table.transact([
    { put: { ...key, rev: attempt.attempts, body: JSON.stringify(attempt), expiresAt: attempt.nextAt + keepMs } },
  ]);
}

export async function forgetAttempt(table: Table, tenant: string, id: string): Promise<void> {
  await table.transact([{ delete: { pk: partition(tenant, "O#attempt"), sk: id } }]);
}
