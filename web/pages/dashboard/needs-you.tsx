/** What failed and what waits for a person. */
import { Link } from "@tanstack/react-router";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import type { Status } from "./health.tsx";

/** The host counts no further. */
const many = (count: number): string => (count >= 100 ? "100 or more" : String(count));

export function NeedsYou({ status }: { readonly status: Status | undefined }) {
  const failed = useOperation(
    "identities.list",
    { query: { limit: 100, status: "failed" } },
    useMay("identities:read"),
  );
  const dead = status?.outbox.dead ?? 0;
  const waiting = status?.requests_waiting ?? 0;
  const overdue = status?.revocation.overdue.length ?? 0;
  const identities = failed.data?.items.length ?? 0;
  const quarantined = status?.projections.quarantined ?? 0;
  return (
    <section className="card">
      <h2>Needs you</h2>
      {status === undefined && <p className="waiting">Loading…</p>}
      {status !== undefined && dead + waiting + overdue + identities + quarantined === 0 && (
        <p>Nothing failed, and nothing waits.</p>
      )}
      <ul>
        {waiting > 0 && (
          <li>
            <Link to="/enrolment/requests">
              {many(waiting)} {waiting === 1 ? "request waits" : "requests wait"} for a decision
            </Link>
          </li>
        )}
        {identities > 0 && (
          <li>
            <Link to="/identities" search={{ status: "failed" }}>
              {many(identities)} {identities === 1 ? "identity" : "identities"} failed
            </Link>
          </li>
        )}
        {dead > 0 && (
          <li>
            <Link to="/operations/outbox" search={{ status: "dead" }}>
              {many(dead)} {dead === 1 ? "effect was" : "effects were"} given up
            </Link>
          </li>
        )}
        {quarantined > 0 && (
          <li>
            <Link to="/operations">Counts and search stand still: an event could not be applied</Link>
          </li>
        )}
        {(status?.revocation.overdue ?? []).map(({ issuer_id, what }) => (
          <li key={`${issuer_id}${what}`}>
            <Link to="/issuers/$id" params={{ id: issuer_id }}>
              {what} of {issuer_id} is overdue
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
