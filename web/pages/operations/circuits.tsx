/** Where effects go, and whether it answers. */
import { Link } from "@tanstack/react-router";
import type { Operations as Api } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment, When } from "../../parts/time.tsx";

type Circuit = Api["circuits.list"]["response"]["items"][number];

/** Failures are no events of the log: nothing but asking tells. */
const everySeconds = 5;

export function Circuits() {
  const { data, error, refetch } = useOperation("circuits.list", {}, true, everySeconds);
  return (
    <section aria-labelledby="circuits">
      <h2 id="circuits">Circuits</h2>
      <p>
        What the log asks for outside itself goes to one of these. Three failures in a row open a circuit: nothing is
        tried for half a minute, then one delivery decides. Services of our own are tried until they answer.
      </p>
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <p className="waiting">Loading…</p>}
      <ul className="circuits">
        {data?.items.map((circuit) => (
          <li key={circuit.destination} className="card">
            <One circuit={circuit} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A circuit that never opens still fails, and one to nowhere is not well for being closed. */
const stateOf = ({ state, failures, does }: Circuit): string =>
  does === null && failures === 0
    ? "unknown"
    : state === "half_open"
      ? "half-open"
      : state === "closed" && failures > 0
        ? "failing"
        : state;

function One({ circuit }: { readonly circuit: Circuit }) {
  const { destination, does, breaks, failures, failing_since, next_try_at, last_error, pending, dead } = circuit;
  const reset = useChange("circuits.reset");
  const mayReset = useMay("outbox:write");
  return (
    <>
      <h3>
        <code>{destination}</code> <Badge state={stateOf(circuit)} />
      </h3>
      <p className="muted">{does ?? "This release knows no such destination: what is sent there is given up."}</p>
      <Facts
        facts={[
          ["Waiting", <Entries key="p" count={pending} destination={destination} status="pending" />],
          ["Given up", <Entries key="d" count={dead} destination={destination} status="dead" />],
          failures > 0 && ["Failures in a row", failures],
          failing_since !== null && ["Since", <Moment key="s" at={failing_since} />],
          next_try_at !== null && ["Next try", <When key="n" at={next_try_at} />],
          ["Last error", last_error],
          !breaks && failures > 0 && ["Waits", "for nothing: a service of our own is tried until it answers"],
          circuit.reset_at !== null && ["Reset", <ResetBy key="r" at={circuit.reset_at} by={circuit.reset_by} />],
        ]}
      />
      {failures > 0 && mayReset && (
        <div className="actions">
          <Confirm
            verb="Reset"
            object={destination}
            consequence="What was counted until now counts no more, and what waits is tried at once. If the destination still fails, the circuit opens again."
            run={() => reset.mutateAsync({ params: { destination } })}
          />
        </div>
      )}
    </>
  );
}

const ResetBy = ({ at, by }: { readonly at: string; readonly by: string | null }) => (
  <>
    <When at={at} /> by {by}
  </>
);

interface EntriesProps {
  readonly count: number;
  readonly destination: string;
  readonly status: "pending" | "dead";
}

const Entries = ({ count, destination, status }: EntriesProps) =>
  count === 0 ? (
    "none"
  ) : (
    <Link to="/operations/outbox" search={{ status, destination }}>
      {count}
    </Link>
  );
