/** Audit events, newest first, over all lanes: ordered by (time, lane, sequence). */
import { Failure } from "#shared/kernel/failure";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";

export interface AuditQuery {
  readonly limit: number;
  readonly type?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** So many events are looked at for one page; a sparse filter then gives a short page and a cursor to go on. */
const maxScanned = 5_000;
const stride = 1_000;

export async function newestEvents(log: EventLog, tenant: string, query: AuditQuery, cursor: string | undefined) {
  const heads = await log.heads(tenant);
  /** For each lane: events up to this sequence are still to come. */
  const upTo = positions(
    cursor,
    heads.map(({ seq }) => seq),
  );
  const since = query.since === undefined ? "" : new Date(query.since).toISOString();
  const until = query.until === undefined ? "~" : new Date(query.until).toISOString();
  const items: object[] = [];
  let scanned = 0;
  while (items.length < query.limit && scanned < maxScanned) {
    if (upTo.every((seq) => seq === 0)) break;
    const windows = await Promise.all(upTo.map((seq, lane) => window(log, tenant, lane, seq, query.limit)));
    const empty = windows.flatMap((events, lane) => (events.length === 0 && (upTo[lane] ?? 0) > 0 ? [lane] : []));
    // Retention removed what was there: look for what is left below.
    for (const lane of empty) {
      const seq = upTo[lane] ?? 0;
      upTo[lane] = (await window(log, tenant, lane, seq, stride)).at(-1)?.seq ?? Math.max(0, seq - stride);
      scanned += stride;
    }
    if (empty.length > 0) continue;
    const newest = newestOf(windows, upTo, query.limit);
    for (const event of newest) {
      if (items.length >= query.limit) break;
      scanned++;
      upTo[event.lane] = event.seq - 1;
      if (event.time < since)
        upTo[event.lane] = 0; // older still: nothing more in this lane
      else if (event.time <= until && (query.type === undefined || event.type === query.type)) items.push(view(event));
    }
  }
  return { items, cursor: upTo.some((seq) => seq > 0) ? upTo.join(",") : undefined };
}

/** The events of a lane among the `size` places up to `seq`; those that retention removed are none. */
async function window(
  log: EventLog,
  tenant: string,
  lane: number,
  seq: number,
  size: number,
): Promise<readonly LoggedEvent[]> {
  if (seq === 0) return [];
  const events = await log.read(tenant, lane, Math.max(0, seq - size), Math.min(size, seq));
  return events.filter((event) => event.seq <= seq);
}

/** The newest events of all lanes that are certainly newer than anything not read. */
function newestOf(windows: readonly (readonly LoggedEvent[])[], upTo: readonly number[], size: number): LoggedEvent[] {
  const unread = windows.map((events, lane) => ((upTo[lane] ?? 0) > size ? (events[0]?.time ?? "") : ""));
  const horizon = unread.reduce((latest, time) => (time > latest ? time : latest), "");
  return windows
    .flat()
    .filter(({ time }) => time >= horizon)
    .sort((a, b) => b.time.localeCompare(a.time) || b.lane - a.lane || b.seq - a.seq);
}

function positions(cursor: string | undefined, heads: readonly number[]): number[] {
  if (cursor === undefined) return [...heads];
  const parts = cursor.split(",");
  if (parts.length !== heads.length || parts.some((part) => !/^\d{1,12}$/.test(part))) {
    throw new Failure("invalid_field", "cursor: not one of ours; take next_cursor of the page before, unchanged", {
      field: "cursor",
    });
  }
  return parts.map((part, lane) => Math.min(Number(part), heads[lane] ?? 0));
}

const view = (event: LoggedEvent): object => ({
  id: event.id,
  lane: event.lane,
  sequence: event.seq,
  time: event.time,
  type: event.type,
  actor: event.actor,
  resource: event.stream,
  data: event.event.data,
  hash: event.hash,
});
