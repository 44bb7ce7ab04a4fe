const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Of `90d`, `12h`, `30m`: up to a hundred years; undefined when it is no duration. */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] ?? ""] ?? Number.NaN);
  return seconds > 0 && seconds <= 3_155_760_000 ? seconds : undefined;
}
