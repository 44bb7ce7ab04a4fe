/**
 * Counts by day, for pictures. Small, because the row is written with every event: what lies too far behind the
 * newest moment that was seen is dropped, which comes out the same in whatever order the lanes are met.
 */
export interface Calendar {
  /** The newest day that was seen. */
  readonly newest: number;
  /** By days since 1970; in their order, as JavaScript keeps such keys; none of zero. */
  readonly counts: Readonly<Record<string, number>>;
}

export const emptyCalendar: Calendar = { newest: 0, counts: {} };

const dayMs = 86_400_000;
export const dayOf = (time: string): number => Math.floor(Date.parse(time) / dayMs);
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/**
 * @param now day on which the event happened
 * @param kept days behind the newest that stay
 */
export function counted(calendar: Calendar, day: number, by: number, now: number, kept: number): Calendar {
  const newest = Math.max(calendar.newest, now);
  const counts: Record<string, number> = { ...calendar.counts, [day]: (calendar.counts[day] ?? 0) + by };
  if (counts[day] === 0) delete counts[day];
  for (const key in counts) {
    if (Number(key) > newest - kept) break;
    delete counts[key];
  }
  return { newest, counts };
}

/** The same by weeks, which begin on Thursdays, as 1970 did. @returns by weeks since 1970 */
export function byWeek({ counts }: Calendar): Readonly<Record<string, number>> {
  const weeks: Record<string, number> = {};
  for (const [day, count] of Object.entries(counts)) {
    const week = Math.floor(Number(day) / 7);
    weeks[week] = (weeks[week] ?? 0) + count;
  }
  return weeks;
}
