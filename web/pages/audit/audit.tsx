import { useCallback } from "react";
import type { Operations } from "../../api/generated.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Filters, TextFilter, useFilters } from "../../parts/filters.tsx";
import { Narrowings } from "../../parts/narrowings.tsx";
import { When } from "../../parts/time.tsx";
import { Proof } from "./proof.tsx";

type Event = Operations["audit.list"]["response"]["items"][number];

const columns: readonly Column<Event>[] = [
  { title: "When", cell: ({ time }) => <When at={time} />, width: "9rem" },
  { title: "What", cell: ({ type }) => <code>{type}</code>, width: "minmax(13rem, 1fr)" },
  { title: "Who", cell: ({ actor }) => actor.subject },
  { title: "On", cell: ({ resource }) => `${resource.kind} ${resource.id}`, width: "minmax(12rem, 2fr)" },
  { title: "Hash", cell: ({ hash }) => <code>{hash.slice(0, 12)}…</code>, width: "9rem" },
];

const moment = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
const narrowings = {
  since: (at: string) => `From ${moment(at)}`,
  until: (at: string) => `Until ${moment(at)}`,
};

export default function Audit() {
  const { filters, set } = useFilters(["type", "since", "until"]);
  const find = useCallback((text: string) => set("type", text), [set]);
  return (
    <>
      <h1>Audit</h1>
      <Proof />
      <Filters>
        <TextFilter
          label="Type of event"
          hint="The whole name, such as certificate.issued"
          value={filters.type ?? ""}
          onChange={find}
        />
      </Filters>
      <Narrowings texts={narrowings} filters={filters} set={set} />
      <DataTable
        label="Events"
        operation="audit.list"
        query={filters}
        columns={columns}
        rowKey={({ id }) => id}
        empty="No event is like that."
      />
    </>
  );
}
