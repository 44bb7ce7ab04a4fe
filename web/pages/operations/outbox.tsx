import "./operations.css";
import { Link } from "@tanstack/react-router";
import type { Operations as Api } from "../../api/generated.ts";
import { useOperation, useReadAgain } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { When } from "../../parts/time.tsx";
import { RedriveAll } from "./redrive.tsx";
import { Sections } from "./sections.tsx";

type Entry = Api["outbox.list"]["response"]["items"][number];
type Query = Pick<NonNullable<Api["outbox.list"]["query"]>, "status" | "destination">;

const everySeconds = 5;

const columns: readonly Column<Entry>[] = [
  {
    title: "What",
    width: "minmax(11rem, 1fr)",
    cell: ({ id, destination }) => (
      <Link to="/operations/outbox/$id" params={{ id }}>
        {destination}
      </Link>
    ),
  },
  { title: "State", cell: ({ status }) => <Badge state={status} />, width: "7rem" },
  { title: "Tries", cell: ({ attempts }) => attempts, width: "4rem" },
  { title: "Asked for", cell: ({ created_at }) => <When at={created_at} />, width: "9rem" },
  {
    title: "Next try",
    cell: ({ next_attempt_at }) => next_attempt_at !== null && <When at={next_attempt_at} />,
    width: "8rem",
  },
  { title: "Last error", cell: ({ last_error }) => last_error ?? "", width: "minmax(12rem, 2fr)" },
];

const states = [
  ["", "Any state"],
  ["pending", "Waiting"],
  ["dead", "Given up"],
] as const;

const nothing: Readonly<Record<string, string>> = {
  pending: "Nothing waits: everything that was asked for is done, or was given up.",
  dead: "Nothing was given up.",
};

export default function Outbox() {
  const { filters, set } = useFilters(["status", "destination"]);
  const circuits = useOperation("circuits.list", {});
  const mayWrite = useMay("outbox:write");
  useReadAgain("outbox.list", everySeconds);
  const names = circuits.data?.items.map(({ destination }) => destination) ?? [];
  const { status, destination } = filters;
  const known = destination === undefined || names.includes(destination) ? names : [...names, destination];
  return (
    <>
      <div className="heading">
        <h1>Outbox</h1>
        {mayWrite && status === "dead" && <RedriveAll destination={destination} />}
      </div>
      <Sections />
      <p>
        Effects outside the log: each is delivered at least once, tried again with growing pauses, and given up visibly.
      </p>
      <Filters>
        <ChoiceFilter label="State" value={status ?? ""} choices={states} onChange={(to) => set("status", to)} />
        <ChoiceFilter
          label="Destination"
          value={destination ?? ""}
          choices={[["", "Any destination"], ...known.map((name) => [name, name] as const)]}
          onChange={(to) => set("destination", to)}
        />
      </Filters>
      <DataTable
        label="Outside effects"
        operation="outbox.list"
        query={filters as Query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          destination === undefined
            ? (nothing[status ?? ""] ?? "Nothing was ever asked for outside the log.")
            : `No effect for ${destination} is like that.`
        }
      />
    </>
  );
}
