/** How many requests this tenant may send, what is left of that, what was refused. */
import type { Operations as Api } from "../../api/generated.ts";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Problem } from "../../parts/problem.tsx";
import { When } from "../../parts/time.tsx";

type Limit = Api["status.limits"]["response"]["limits"][number];

const everySeconds = 5;

const nameOf = ({ of, per }: Limit): string =>
  of === "api"
    ? "API and console"
    : per === "client"
      ? "Enrolment, for one client"
      : per === "name"
        ? "Enrolment, for one name"
        : of.toUpperCase();

export function Limits() {
  const mayRead = useMay("issuers:read");
  const { data, error, refetch } = useOperation("status.limits", {}, mayRead, everySeconds);
  if (!mayRead) return null;
  return (
    <section aria-labelledby="limits">
      <h2 id="limits">Rate limits</h2>
      {data !== undefined && (
        <p>
          {data.counted_by === "host"
            ? "Counted in this host's memory; a restart begins with full buckets. It began "
            : "Counted by each process alone, of which as many as there is work for run at once: what is left here is left in the one that answered. It began "}
          <When at={data.since} />. Who is refused hears 429 and when to come back.
        </p>
      )}
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <p className="waiting">Loading…</p>}
      {data !== undefined && (
        <div className="sideways" role="region" aria-label="Rate limits, table" tabIndex={0}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">At once</th>
                <th scope="col">A minute</th>
                <th scope="col">Left</th>
                <th scope="col">Refused lately</th>
              </tr>
            </thead>
            <tbody>
              {data.limits.map((limit) => (
                <tr key={limit.of}>
                  <th scope="row">{nameOf(limit)}</th>
                  <td>{limit.burst}</td>
                  <td>{limit.per_minute}</td>
                  <td>{limit.left ?? "—"}</td>
                  <td>
                    {limit.refused ?? "—"}
                    {limit.last_refused_at !== null && (
                      <>
                        , last <When at={limit.last_refused_at} />
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
