/** How the parts of the host do, and how long chains and revocation hold. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Operations } from "../../api/generated.ts";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { When } from "../../parts/time.tsx";

export type Status = Operations["status.get"]["response"];

export function Health({ status }: { readonly status: Status | undefined }) {
  const { crl_ends_at = null, responder_ends_at = null } = status?.revocation ?? {};
  const pending = status?.outbox.pending ?? 0;
  return (
    <section className="card">
      <h2>Health</h2>
      {status === undefined && <p className="waiting">Loading…</p>}
      <ul className="rows-of-two">
        {Object.entries(status?.parts ?? {}).map(([part, state]) => (
          <Line key={part} what={part} value={<Badge state={state} />} />
        ))}
        <FirstChainToEnd />
        {crl_ends_at !== null && (
          <Line what={<Link to="/issuers">First CRL to run out</Link>} value={<When at={crl_ends_at} />} />
        )}
        {responder_ends_at !== null && (
          <Line what={<Link to="/issuers">First OCSP responder to end</Link>} value={<When at={responder_ends_at} />} />
        )}
        {status !== undefined && (
          <Line
            what={
              <Link to="/operations/outbox" search={{ status: "pending" }}>
                Effects on their way
              </Link>
            }
            value={pending >= 100 ? "100 or more" : pending}
          />
        )}
      </ul>
    </section>
  );
}

const Line = ({ what, value }: { readonly what: ReactNode; readonly value: ReactNode }) => (
  <li>
    <span>{what}</span> <span>{value}</span>
  </li>
);

function FirstChainToEnd() {
  const issuers = useOperation("issuers.list", { query: { limit: 100 } }, useMay("issuers:read"));
  const [first] = (issuers.data?.items ?? [])
    .filter(({ status }) => status === "active")
    .sort((a, b) => (a.not_after < b.not_after ? -1 : 1));
  if (first === undefined) return null;
  const link = (
    <Link to="/issuers/$id" params={{ id: first.id }} title={first.name}>
      {first.name} is the first CA to end
    </Link>
  );
  return <Line what={link} value={<When at={first.not_after} />} />;
}
