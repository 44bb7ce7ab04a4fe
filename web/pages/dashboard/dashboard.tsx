import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Bars, withGaps } from "../../parts/bars.tsx";
import { Problem } from "../../parts/problem.tsx";
import { When } from "../../parts/time.tsx";
import { nameOf } from "../certificates/certificates.tsx";
import { FirstRun } from "./first-run.tsx";

const dayMs = 86_400_000;
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** The API's weeks begin on Thursdays, as 1970 did. */
const weekStart = (ms: number): string => dateOf(Math.floor(ms / (7 * dayMs)) * 7 * dayMs);

export default function Dashboard() {
  const summary = useOperation("certificates.summary", {}, useMay("certs:read"));
  const status = useOperation("status.get", {}, useMay("issuers:read"));
  const soon = new Date(Math.ceil(Date.now() / dayMs) * dayMs + 30 * dayMs).toISOString();
  const since = new Date(Math.floor(Date.now() / dayMs) * dayMs).toISOString();
  const expiring = useOperation(
    "certificates.list",
    { query: { limit: 5, status: "active", expiring_after: since, expiring_before: soon } },
    useMay("certs:read"),
  );
  const total = summary.data?.total;
  return (
    <>
      <h1>Overview</h1>
      {summary.error !== null && <Problem error={summary.error} />}
      {total?.issued === 0 && <FirstRun />}
      <div className="cards">
        <section className="card">
          <h2>Certificates</h2>
          <p className="figure">{total === undefined ? "…" : total.issued - total.revoked}</p>
          <p className="muted">
            issued {total?.issued ?? "…"}, revoked {total?.revoked ?? "…"}, renewed {total?.superseded ?? "…"}
          </p>
          <Link to="/certificates">All certificates</Link>
        </section>
        <Waiting status={status.data} />
        <Health status={status.data} />
        <section className="card">
          <h2>Expires within 30 days</h2>
          {expiring.data?.items.length === 0 && <p>Nothing does.</p>}
          <ul>
            {(expiring.data?.items ?? []).map((certificate) => (
              <li key={certificate.id}>
                <Link to="/certificates/$id" params={{ id: certificate.id }}>
                  {nameOf(certificate)}
                </Link>{" "}
                <When at={certificate.not_after} />
              </li>
            ))}
          </ul>
        </section>
      </div>
      {summary.data !== undefined && (
        <div className="cards">
          <section className="card">
            <h2>When certificates expire</h2>
            <Bars
              label="expire"
              period="week"
              bars={withGaps(summary.data.ending_by_week, weekStart(Date.now()), 7, 26)}
            />
          </section>
          <section className="card">
            <h2>Issued in the last four weeks</h2>
            <Bars
              label="issued"
              period="day"
              bars={withGaps(summary.data.issued_by_day, dateOf(Date.now() - 27 * dayMs), 1, 28)}
            />
          </section>
        </div>
      )}
    </>
  );
}

type Status = ReturnType<typeof useOperation<"status.get">>["data"];

function Waiting({ status }: { readonly status: Status }) {
  const dead = status?.outbox.dead ?? 0;
  const waiting = status?.requests_waiting ?? 0;
  const quarantined = status?.projections.quarantined ?? 0;
  const overdue = status?.revocation.overdue.length ?? 0;
  const failed = useOperation("identities.list", { query: { status: "failed", limit: 10 } }, useMay("identities:read"));
  const identities = failed.data?.items.length ?? 0;
  return (
    <section className="card">
      <h2>Needs you</h2>
      {status !== undefined && dead + waiting + quarantined + overdue + identities === 0 && (
        <p>Nothing waits for you.</p>
      )}
      <ul>
        {waiting > 0 && (
          <li>
            <Link to="/enrolment/requests">
              {waiting === 100 ? "100 or more" : waiting} requests wait for a decision
            </Link>
          </li>
        )}
        {dead > 0 && (
          <li>
            <Link to="/operations/outbox" search={{ status: "dead" }}>
              {dead === 100 ? "100 or more" : dead} effects failed for good
            </Link>
          </li>
        )}
        {identities > 0 && (
          <li>
            <Link to="/identities" search={{ status: "failed" }}>
              {identities === 10 ? "10 or more" : identities} identities got no certificate
            </Link>
          </li>
        )}
        {quarantined > 0 && (
          <li>
            <Link to="/operations">Counts and search stand still: an event could not be applied</Link>
          </li>
        )}
        {overdue > 0 && (
          <li>
            <Link to="/operations">{overdue} CRLs or OCSP responders are not renewed</Link>
          </li>
        )}
      </ul>
    </section>
  );
}

function Health({ status }: { readonly status: Status }) {
  const { crl_ends_at, responder_ends_at, overdue = [] } = status?.revocation ?? {};
  return (
    <section className="card">
      <h2>Health</h2>
      <ul>
        {Object.entries(status?.parts ?? {}).map(([part, state]) => (
          <li key={part}>
            {part} <Badge state={state} />
          </li>
        ))}
        {crl_ends_at !== undefined && crl_ends_at !== null && (
          <li>
            First CRL runs out <When at={crl_ends_at} />
          </li>
        )}
        {responder_ends_at !== undefined && responder_ends_at !== null && (
          <li>
            First OCSP responder ends <When at={responder_ends_at} />
          </li>
        )}
        {overdue.map(({ issuer_id, what }) => (
          <li key={`${issuer_id}${what}`}>
            <Badge state="failing" /> {what} of{" "}
            <Link to="/issuers/$id" params={{ id: issuer_id }}>
              {issuer_id}
            </Link>{" "}
            is not renewed
          </li>
        ))}
      </ul>
    </section>
  );
}
