/** When certificates expire, and how many were issued: pictures that lead to the lists behind them. */
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { type Bar, Bars, dayMs, spanOf, withGaps } from "../../parts/bars.tsx";

type Summary = Operations["certificates.summary"]["response"];

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** The API's weeks begin on Thursdays, as 1970 did. */
const weekStart = (ms: number): string => dateOf(Math.floor(ms / (7 * dayMs)) * 7 * dayMs);

const views = {
  day: { days: 1, periods: 30, title: "30 days" },
  week: { days: 7, periods: 26, title: "26 weeks" },
} as const;

export function ExpiryTimeline({ summary }: { readonly summary: Summary }) {
  const [period, setPeriod] = useState<keyof typeof views>("week");
  const { days, periods } = views[period];
  const counts = period === "day" ? summary.ending_by_day : summary.ending_by_week;
  const start = period === "day" ? dateOf(Date.now()) : weekStart(Date.now());
  const to = (bar: Bar) => {
    const [expiring_after, expiring_before] = spanOf(bar, days);
    return { to: "/certificates", search: { status: "unrevoked", expiring_after, expiring_before } };
  };
  return (
    <section className="card wide">
      <div className="heading">
        <h2>When certificates expire</h2>
        <div className="switch" role="group" aria-label="Show">
          {(["day", "week"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={one === period} onClick={() => setPeriod(one)}>
              {views[one].title}
            </button>
          ))}
        </div>
      </div>
      <Bars
        label="expire"
        period={period}
        bars={withGaps(counts, start, days, periods)}
        to={to}
        urgent={({ from }) => Date.parse(from) - Date.now() < 7 * dayMs}
      />
    </section>
  );
}

export function IssuanceRate({ summary }: { readonly summary: Summary }) {
  const bars = withGaps(summary.issued_by_day, dateOf(Date.now() - 27 * dayMs), 1, 28);
  const to = (bar: Bar) => {
    const [since, until] = spanOf(bar, 1);
    return { to: "/audit", search: { type: "certificate.issued", since, until } };
  };
  return (
    <section className="card wide">
      <h2>Issued in the last four weeks</h2>
      <Bars label="issued" period="day" bars={bars} to={to} />
    </section>
  );
}
