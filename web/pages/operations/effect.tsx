import "./operations.css";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Facts } from "../../parts/facts.tsx";
import { IssuerLink } from "../../parts/names.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Moment } from "../../parts/time.tsx";
import { Redrive } from "./redrive.tsx";
import { Sections } from "./sections.tsx";

const everySeconds = 5;

/** What the payload names, as a way to it. */
const about: Readonly<Record<string, { readonly title: string; readonly show: (value: string) => ReactNode }>> = {
  issuer: {
    title: "Issuer",
    show: (id) => <IssuerLink id={id} />,
  },
  job: {
    title: "Bulk revocation",
    show: (id) => (
      <Link to="/operations/revocations/$id" params={{ id }}>
        {id}
      </Link>
    ),
  },
  shard: { title: "CRL shard", show: (shard) => shard },
};

export default function Effect() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const { data, error, refetch } = useOperation("outbox.get", { params: { id } }, true, everySeconds);
  const mayWrite = useMay("outbox:write");
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="waiting">Loading…</p>;
  const { destination, status, next_attempt_at } = data;
  return (
    <>
      <div className="heading">
        <h1>
          {destination} <Badge state={status} />
        </h1>
        {status === "dead" && mayWrite && <Redrive id={id} destination={destination} />}
      </div>
      <Sections />
      <p>{data.does ?? "This release knows no such destination: what is sent there is given up."}</p>
      <Facts
        facts={[
          ...Object.entries(data.about).map(
            ([name, value]) => [about[name]?.title ?? name, about[name]?.show(String(value)) ?? value] as const,
          ),
          ["Tries", data.attempts],
          ["Last error", data.last_error],
          next_attempt_at !== null && ["Next try", <Moment key="n" at={next_attempt_at} />],
          ["Asked for", <Moment key="c" at={data.created_at} />],
          ["By the event", `${data.asked_by.sequence} of lane ${data.asked_by.lane}`],
          ["Id", <code key="i">{data.id}</code>],
        ]}
      />
      {status === "dead" && (
        <p>
          It was given up: mend what the error says, then redrive it. Nothing is lost until then, and nothing is tried.
        </p>
      )}
    </>
  );
}
