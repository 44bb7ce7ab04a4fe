import type { Operations as Api } from "../../api/generated.ts";
import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { When } from "../../parts/time.tsx";

type Entry = Api["outbox.list"]["response"]["items"][number];

export default function Operations() {
  const { filters, set } = useFilters(["status"]);
  const redrive = useChange("outbox.redrive");
  const mayWrite = useMay("outbox:write");
  const columns: readonly Column<Entry>[] = [
    { title: "What", cell: ({ destination }) => <code>{destination}</code>, width: "minmax(10rem, 1fr)" },
    { title: "State", cell: ({ status }) => <Badge state={status} />, width: "8rem" },
    { title: "Tries", cell: ({ attempts }) => attempts, width: "5rem" },
    { title: "Asked for", cell: ({ created_at }) => <When at={created_at} />, width: "9rem" },
    { title: "Last said", cell: ({ last_error }) => last_error ?? "", width: "minmax(12rem, 2fr)" },
    {
      title: "Next",
      width: "9rem",
      cell: ({ id, status, next_attempt_at }) =>
        status === "dead" && mayWrite ? (
          <button type="button" onClick={() => redrive.mutate({ params: { id } })}>
            Try again
          </button>
        ) : (
          next_attempt_at !== null && <When at={next_attempt_at} />
        ),
    },
  ];
  return (
    <>
      <h1>Operations</h1>
      <p>
        Effects outside the log: each is delivered at least once, tried again with growing pauses, and given up visibly.
      </p>
      <Filters>
        <ChoiceFilter
          label="State"
          value={filters.status ?? ""}
          choices={[
            ["", "All"],
            ["pending", "Waiting"],
            ["dead", "Given up"],
          ]}
          onChange={(value) => set("status", value)}
        />
      </Filters>
      <DataTable
        label="Outside effects"
        operation="outbox.list"
        query={filters as { status?: "pending" | "dead" }}
        columns={columns}
        rowKey={({ id }) => id}
        empty="No effect is like that."
      />
    </>
  );
}
