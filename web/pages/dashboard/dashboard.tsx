/** What expires when, what failed, what waits, how the parts do; each figure leads to its list. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { dayMs } from "../../parts/bars.tsx";
import { Problem } from "../../parts/problem.tsx";
import { When } from "../../parts/time.tsx";
import { nameOf } from "../certificates/certificates.tsx";
import { FirstRun } from "./first-run.tsx";
import { Health } from "./health.tsx";
import { NeedsYou } from "./needs-you.tsx";
import { ExpiryTimeline, IssuanceRate } from "./timelines.tsx";

export default function Dashboard() {
  const mayRead = useMay("certs:read");
  const summary = useOperation("certificates.summary", {}, mayRead);
  const mayReadStatus = useMay("issuers:read");
  const status = useOperation("status.get", {}, mayReadStatus);
  const error = summary.error ?? status.error;
  return (
    <>
      <h1>Overview</h1>
      {error !== null && (
        <Problem error={error} retry={() => void Promise.all([summary.refetch(), status.refetch()])} />
      )}
      {summary.data?.total.issued === 0 && <FirstRun />}
      <div className="cards">
        {mayReadStatus && <NeedsYou status={status.data} />}
        {mayRead && <ExpiresSoon />}
        {mayRead && <Totals total={summary.data?.total} />}
        {mayReadStatus && <Health status={status.data} />}
      </div>
      {summary.data !== undefined && (
        <div className="cards two">
          <ExpiryTimeline summary={summary.data} />
          <IssuanceRate summary={summary.data} />
        </div>
      )}
    </>
  );
}

function Totals({ total }: { readonly total: Record<"issued" | "revoked" | "superseded", number> | undefined }) {
  const figures = [
    [total && total.issued - total.revoked, "not revoked", { status: "unrevoked" }],
    [total?.revoked, "revoked", { status: "revoked" }],
    [total?.superseded, "renewed", { status: "superseded" }],
  ] as const;
  return (
    <section className="card">
      <h2>Certificates</h2>
      {total === undefined && <p className="waiting">Counting…</p>}
      <ul className="figures">
        {(total === undefined ? [] : figures).map(([figure, text, search]) => (
          <li key={text}>
            <Link to="/certificates" search={search}>
              <strong>{figure?.toLocaleString()}</strong> {text}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whole days, so that the question stays the same while the page is open. */
function ExpiresSoon() {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const expiring_after = new Date(today).toISOString();
  const expiring_before = new Date(today + 31 * dayMs - 1).toISOString();
  const search = { status: "active", expiring_after, expiring_before } as const;
  const expiring = useOperation("certificates.list", { query: { limit: 5, ...search } });
  return (
    <section className="card">
      <h2>Expires within 30 days</h2>
      {expiring.error !== null && <Problem error={expiring.error} retry={() => void expiring.refetch()} />}
      {expiring.isPending && <p className="waiting">Loading…</p>}
      {expiring.data?.items.length === 0 && <p>Nothing does.</p>}
      <ul className="rows-of-two">
        {(expiring.data?.items ?? []).map((certificate) => (
          <li key={certificate.id}>
            <Link to="/certificates/$id" params={{ id: certificate.id }} title={nameOf(certificate)}>
              {nameOf(certificate)}
            </Link>
            <When at={certificate.not_after} />
          </li>
        ))}
      </ul>
      {(expiring.data?.next_cursor ?? null) !== null && (
        <Link to="/certificates" search={search}>
          All that expire by then
        </Link>
      )}
    </section>
  );
}
