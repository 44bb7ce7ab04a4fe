import { type Calendar, dayText, emptyCalendar } from "#events/projections/calendar";
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
  return {
    total,
    by_issuer,
    issued_by_day: periods(row?.state.issuedByDay, dayText),
    ending_by_week: periods(row?.state.endingByWeek, (week) => dayText(week * 7)),
    events_behind: behind,
  };
}

const periods = (calendar: Calendar = emptyCalendar, text: (period: number) => string) =>
  Object.entries(calendar.counts).map(([period, count]) => ({ from: text(Number(period)), count }));
