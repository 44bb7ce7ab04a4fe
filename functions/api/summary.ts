import { byWeek, dayText, emptyCalendar } from "#events/projections/calendar";
import { inventory } from "#events/projections/inventory";
import { readProjection } from "#events/projections/runner";
import type { FunctionDeps } from "../function.ts";

/** From the projection: it may trail the log by a moment, and says by how much. */
export async function summary({ tables, log }: FunctionDeps, tenant: string) {
  const row = await readProjection(tables.tenant(tenant), tenant, inventory);
  const heads = await log.heads(tenant);
  const behind = heads.reduce((sum, { lane, seq }) => sum + seq - (row?.cursor.lanes[lane] ?? 0), 0);
  const by_issuer = Object.entries(row?.state.byIssuer ?? {}).map(([issuer_id, counts]) => ({ issuer_id, ...counts }));
  const total = { issued: 0, revoked: 0, superseded: 0 };
  for (const counts of by_issuer) {
    total.issued += counts.issued;
    total.revoked += counts.revoked;
    total.superseded += counts.superseded;
  }
  const ending = row?.state.endingByDay ?? emptyCalendar;
  return {
    total,
    by_issuer,
    issued_by_day: periods(row?.state.issuedByDay.counts, 1),
    ending_by_day: periods(ending.counts, 1),
    ending_by_week: periods(byWeek(ending), 7),
    events_behind: behind,
  };
}

/** @param days of one period */
const periods = (counts: Readonly<Record<string, number>> = {}, days: number) =>
  Object.entries(counts).map(([period, count]) => ({ from: dayText(Number(period) * days), count }));
