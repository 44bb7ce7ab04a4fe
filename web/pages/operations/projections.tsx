/** Read models that follow the log, and what they could not apply. */
import type { Operations as Api } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Problem } from "../../parts/problem.tsx";
import { When } from "../../parts/time.tsx";

type Projection = Api["projections.list"]["response"]["items"][number];

const everySeconds = 10;

export function Projections() {
  const { data, error, refetch } = useOperation("projections.list", {}, true, everySeconds);
  return (
    <section aria-labelledby="projections">
      <h2 id="projections">Read models</h2>
      <p>
        Counts and search follow the log. An event that one cannot apply quarantines that lane of the log for it alone:
        what it shows then stands still, and nothing else does.
      </p>
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <p className="waiting">Loading…</p>}
      <ul className="circuits">
        {data?.items.map((projection) => (
          <li key={projection.name} className="card">
            <One projection={projection} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ projection }: { readonly projection: Projection }) {
  const { name, events_behind, quarantined, retried_at, retried_by } = projection;
  const retry = useChange("projections.retry");
  const mayRetry = useMay("outbox:write");
  return (
    <>
      <h3>
        <code>{name}</code> <Badge state={quarantined.length > 0 ? "quarantined" : "ok"} />
      </h3>
      <Facts
        facts={[
          ["Behind the log", events_behind === 0 ? "nothing" : `${events_behind} events`],
          ...quarantined.map(
            ({ lane, sequence, error }) =>
              [`Event ${sequence} of lane ${lane}`, `cannot be applied: ${error}`] as const,
          ),
          retried_at !== null && [
            "Tried again",
            <span key="r">
              <When at={retried_at} /> by {retried_by}
            </span>,
          ],
        ]}
      />
      {quarantined.length > 0 && mayRetry && (
        <div className="actions">
          <Confirm
            verb="Retry"
            object={name}
            consequence="It tries the event again and goes on from there. While the event cannot be applied it is quarantined again: an update of trstctl, or a restored backup, may have to come first."
            run={() => retry.mutateAsync({ params: { name } })}
          />
        </div>
      )}
    </>
  );
}
