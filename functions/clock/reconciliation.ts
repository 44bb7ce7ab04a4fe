/**
 * The reconciliation of a tenant goes on where an earlier process stopped: it would otherwise read the whole log and the
 * whole journal at every start. `audit reconcile` reads both from the beginning, whatever is kept here.
 */
import { isObject, readStored } from "#events/stored";
import { partition } from "#events/item-kinds";
import { createReconciliation, isOfThisJournal, type ReconcileReport } from "#shared/usecases/reconcile";
import type { ReconciliationState } from "#shared/usecases/reconcile";
import type { Item, Table } from "#shared/ports/table";
import type { FunctionDeps } from "../function.ts";

/** What waits for its counterpart is normally a handful; of more than this something is wrong, and it is read anew. */
const maxKept = 1_000;

const keyOf = (tenant: string) => ({ pk: partition(tenant, "P", "reconciliation"), sk: "CURSOR" });

export async function openReconciliation(deps: FunctionDeps, tenant: string): Promise<() => Promise<ReconcileReport>> {
  const table = deps.tables.tenant(tenant);
  let item = await table.get(keyOf(tenant), { consistent: true });
  const reconciliation = createReconciliation(deps, tenant, await keptState(deps, tenant, item));
  return async () => {
    const report = await reconciliation.advance();
    item = await keep(table, tenant, item, reconciliation.state());
    return report;
  };
}

async function keptState(deps: FunctionDeps, tenant: string, item: Item | undefined) {
  if (item === undefined) return undefined;
  const state = readStored<ReconciliationState>(item.body, `where reconciliation of ${tenant} stands`, {
    lanes: isObject,
    records: isObject,
    events: isObject,
  });
  // After a restore either may be shorter than it was.
  const heads = await deps.log.heads(tenant);
  const known = heads.every(({ lane, seq }) => seq >= (state.lanes[lane] ?? 0));
  return known && (await isOfThisJournal(deps, tenant, state)) ? state : undefined;
}

/** @returns what is stored now; unchanged when another process was first, which is as good */
async function keep(table: Table, tenant: string, before: Item | undefined, state: ReconciliationState) {
  const { records, events } = state;
  if (Object.keys(records).length + Object.keys(events).length > maxKept) return before;
  const body = JSON.stringify(state);
  if (body === before?.body) return before;
  const after: Item = { ...keyOf(tenant), rev: (before?.rev ?? 0) + 1, body };
  const outcome = await table.transact([{ put: after, if: before === undefined ? "absent" : { rev: before.rev } }]);
  return outcome.ok ? after : await table.get(keyOf(tenant), { consistent: true });
}
