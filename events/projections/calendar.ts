/**
 * Counts by day or week, for pictures. Small, because the row is written with every event: what lies too far behind the
 * newest moment that was seen is dropped, which comes out the same in whatever order the lanes are met.
 */
export interface Calendar {
  /** The newest period that was seen. */
  readonly newest: number;
  /** By periods since 1970; sorted, none of zero. */
  readonly counts: Readonly<Record<string, number>>;
}

export const emptyCalendar: Calendar = { newest: 0, counts: {} };

const dayMs = 86_400_000;
export const dayOf = (time: string): number => Math.floor(Date.parse(time) / dayMs);
/** Weeks begin on Thursdays, as 1970 did. */
export const weekOf = (time: string): number => Math.floor(dayOf(time) / 7);
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/**
 * @param now period in which the event happened
 * @param kept periods behind the newest that stay
 */
export function counted(calendar: Calendar, period: number, by: number, now: number, kept: number): Calendar {
  const newest = Math.max(calendar.newest, now);
  const all: Readonly<Record<string, number>> = { ...calendar.counts, [period]: (calendar.counts[period] ?? 0) + by };
  const stays = ([key, count]: [string, number]): boolean => count !== 0 && Number(key) > newest - kept;
  const entries = Object.entries(all).filter(stays);
  return { newest, counts: Object.fromEntries(entries.sort(([a], [b]) => Number(a) - Number(b))) };
}
