/** Counts over time as bars; the same figures stand in a table for those who do not see them. */
interface BarsProps {
  readonly label: string;
  /** What a bar stands for: `day`, `week`. */
  readonly period: string;
  /** In the order of time, without gaps. */
  readonly bars: readonly { readonly from: string; readonly count: number }[];
}

const height = 120;

export function Bars({ label, period, bars }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const width = 100 / Math.max(1, bars.length);
  const date = (from: string): string => new Date(from).toLocaleDateString(undefined, { dateStyle: "medium" });
  return (
    <figure className="bars">
      <svg
        viewBox={`0 0 100 ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${total} in ${bars.length} ${period}s, at most ${most} in one ${period}`}
      >
        {bars.map(({ from, count }, at) => {
          const tall = count === 0 ? 0 : Math.max(2, (count / most) * height);
          return (
            <rect key={from} x={at * width + width * 0.1} y={height - tall} width={width * 0.8} height={tall}>
              <title>{`${period} of ${date(from)}: ${count}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{bars[0] === undefined ? "" : date(bars[0].from)}</span>
        <span>{bars.at(-1) === undefined ? "" : date(bars.at(-1)?.from ?? "")}</span>
      </figcaption>
      <details>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{period} of</th>
              <th scope="col">{label}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ from, count }) =>
              count === 0 ? null : (
                <tr key={from}>
                  <th scope="row">{date(from)}</th>
                  <td>{count}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const dayMs = 86_400_000;

/** Fills the periods without a count. @param days of one period @param from the first period's day, RFC 3339 date */
export function withGaps(counts: BarsProps["bars"], from: string, days: number, periods: number): BarsProps["bars"] {
  const known = new Map(counts.map(({ from: day, count }) => [day, count]));
  return Array.from({ length: periods }, (_, at) => {
    const day = new Date(Date.parse(from) + at * days * dayMs).toISOString().slice(0, 10);
    return { from: day, count: known.get(day) ?? 0 };
  });
}
