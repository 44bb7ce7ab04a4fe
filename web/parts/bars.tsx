/**
 * Counts over time as bars, each a way to what it counts. The bars are for the eye and the mouse; the same figures and the same
 * links stand in a table for everybody else.
 */
import { Link, type LinkProps } from "@tanstack/react-router";

export interface Bar {
  /** RFC 3339 date. */
  readonly from: string;
  readonly count: number;
}

interface BarsProps {
  /** What is counted, as a verb: `expire`, `issued`. */
  readonly label: string;
  /** What a bar stands for: `day`, `week`. */
  readonly period: string;
  /** In the order of time, without gaps. */
  readonly bars: readonly Bar[];
  /** Where a bar leads. */
  readonly to: (bar: Bar) => Pick<LinkProps, "to" | "search">;
  /** True for what is pressing. */
  readonly urgent?: (bar: Bar) => boolean;
}

const dateText = (from: string): string =>
  new Date(from).toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" });

export function Bars({ label, period, bars, to, urgent = () => false }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const [first, middle, last] = [bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)];
  const text = (bar: Bar): string =>
    `${period === "day" ? "" : `${period} of `}${dateText(bar.from)}: ${bar.count} ${label}`;
  return (
    <figure className="bars">
      <p className="muted">
        {total === 0 ? `None ${label}` : `${total} ${label}`} in {bars.length} {period}s
        {total > 0 && `, at most ${most} in one ${period}`}
      </p>
      <div className="plot" aria-hidden="true">
        {bars.map((bar) =>
          bar.count === 0 ? (
            <span key={bar.from} title={text(bar)} />
          ) : (
            <Link key={bar.from} {...to(bar)} tabIndex={-1} title={text(bar)}>
              <span
                className={urgent(bar) ? "urgent" : ""}
                style={{ height: `${Math.max(2, (bar.count / most) * 100)}%` }}
              />
            </Link>
          ),
        )}
      </div>
      <div className="axis" aria-hidden="true">
        {[first, middle, last].map((bar, at) => bar !== undefined && <span key={at}>{dateText(bar.from)}</span>)}
      </div>
      {total > 0 && (
        <details>
          <summary>As a table</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{period === "day" ? "Day" : "Week of"}</th>
                <th scope="col">{label}</th>
              </tr>
            </thead>
            <tbody>
              {bars.map((bar) =>
                bar.count === 0 ? null : (
                  <tr key={bar.from}>
                    <th scope="row">
                      <Link {...to(bar)}>{dateText(bar.from)}</Link>
                    </th>
                    <td>{bar.count}</td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </details>
      )}
    </figure>
  );
}

export const dayMs = 86_400_000;

/** Fills the periods without a count. @param days of one period @param from the first period's day, RFC 3339 date */
export function withGaps(counts: readonly Bar[], from: string, days: number, periods: number): readonly Bar[] {
  const known = new Map(counts.map(({ from: day, count }) => [day, count]));
  return Array.from({ length: periods }, (_, at) => {
    const day = new Date(Date.parse(from) + at * days * dayMs).toISOString().slice(0, 10);
    return { from: day, count: known.get(day) ?? 0 };
  });
}

/** From the first moment of a period to its last, as filters have them. */
export const spanOf = ({ from }: Bar, days: number): readonly [from: string, to: string] => [
  new Date(from).toISOString(),
  new Date(Date.parse(from) + days * dayMs - 1).toISOString(),
];
