/** Chain, signer, clock and read models: whether the product itself does well. */
import { Link } from "@tanstack/react-router";
import type { Operations as Api } from "../../api/generated.ts";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment, When } from "../../parts/time.tsx";

type Status = Api["status.get"]["response"];

const everySeconds = 10;
/** More than a request takes, and more than clocks that are kept right differ. */
const tolerableSeconds = 5;

export function Health() {
  const mayRead = useMay("issuers:read");
  const { data, error, refetch, dataUpdatedAt } = useOperation("status.get", {}, mayRead, everySeconds);
  if (!mayRead) return null;
  return (
    <section aria-labelledby="health">
      <h2 id="health">Health</h2>
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <p className="waiting">Loading…</p>}
      {data !== undefined && <Known status={data} readAt={dataUpdatedAt} />}
    </section>
  );
}

function Known({ status, readAt }: { readonly status: Status; readonly readAt: number }) {
  const { parts, checkpoint, projections, revocation, time } = status;
  const { crl_ends_at, responder_ends_at, overdue } = revocation;
  return (
    <Facts
      facts={[
        ...Object.entries(parts).map(([part, state]) => [part, <Badge key={part} state={state} />] as const),
        ["Clock", <Clock key="c" time={time} readAt={readAt} />],
        [
          "Last checkpoint",
          checkpoint === null ? (
            "none yet: the first is made within minutes of the first event"
          ) : (
            <>
              over {checkpoint.size} events, <When at={checkpoint.made_at} />
              {checkpoint.events_since > 0 && `; ${checkpoint.events_since} events since`}
            </>
          ),
        ],
        [
          "Read models",
          projections.quarantined > 0 ? (
            <>
              <Badge state="failing" /> {projections.quarantined} quarantined, see below
            </>
          ) : projections.events_behind === 0 ? (
            "as new as the log"
          ) : (
            `${projections.events_behind} events behind the log`
          ),
        ],
        crl_ends_at !== null && ["First CRL runs out", <Moment key="r" at={crl_ends_at} />],
        responder_ends_at !== null && ["First OCSP responder ends", <Moment key="o" at={responder_ends_at} />],
        ...overdue.map(
          ({ issuer_id, what }) =>
            [
              "Not renewed",
              <span key={`${issuer_id}${what}`}>
                <Badge state="failing" /> {what} of{" "}
                <Link to="/issuers/$id" params={{ id: issuer_id }}>
                  {issuer_id}
                </Link>
              </span>,
            ] as const,
        ),
      ]}
    />
  );
}

function Clock({ time, readAt }: { readonly time: string; readonly readAt: number }) {
  const apart = Math.round((Date.parse(time) - readAt) / 1000);
  if (Math.abs(apart) <= tolerableSeconds) return <>the host's and this browser's agree</>;
  return (
    <>
      <Badge state="failing" /> the host's is {Math.abs(apart)} s {apart > 0 ? "ahead of" : "behind"} this browser's:
      set the wrong one right, validity and expiry go by it
    </>
  );
}
