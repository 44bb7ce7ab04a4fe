import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { When } from "../../parts/time.tsx";

type Request = Operations["enrolment-requests.list"]["response"]["items"][number];

const nameOf = ({ common_name, names }: Request): string =>
  [...new Set([common_name, ...names.map((name) => name.replace(/^dns:/, ""))].filter(Boolean))].join(", ");

export default function Requests() {
  const { filters, set } = useFilters(["decided"]);
  const mayDecide = useMay("enrolment:write");
  const columns: readonly Column<Request>[] = [
    { title: "Asks for", cell: nameOf, width: "minmax(12rem, 3fr)" },
    { title: "State", cell: ({ status }) => <Badge state={status} />, width: "7rem" },
    { title: "By", cell: ({ endpoint, protocol }) => `${protocol}, ${endpoint}` },
    { title: "Key", cell: ({ key_algorithm }) => key_algorithm, width: "7rem" },
    { title: "Until", cell: ({ expires_at }) => <When at={expires_at} />, width: "8rem" },
    ...(mayDecide && filters.decided === undefined
      ? [{ title: "Decide", width: "16rem", cell: (request: Request) => <Decide request={request} /> }]
      : []),
  ];
  return (
    <>
      <h1>Enrolment requests</h1>
      <Filters>
        <ChoiceFilter
          label="Show"
          value={filters.decided ?? ""}
          choices={[
            ["", "Those that wait"],
            ["true", "Those that were decided"],
          ]}
          onChange={(value) => set("decided", value)}
        />
      </Filters>
      <DataTable
        label="Enrolment requests"
        operation="enrolment-requests.list"
        query={filters as { decided?: "true" }}
        columns={columns}
        rowKey={({ id }) => id}
        empty="No request is there."
      />
    </>
  );
}

function Decide({ request }: { readonly request: Request }) {
  const approve = useChange("enrolment-requests.approve");
  const refuse = useChange("enrolment-requests.refuse");
  const [reason, setReason] = useState("");
  const params = { id: request.id };
  const object = nameOf(request);
  return (
    <>
      <Confirm
        grants
        verb="Approve"
        object={object}
        consequence={`Whoever asked gets a certificate for ${object}.`}
        run={() => approve.mutateAsync({ params })}
      />{" "}
      <Confirm
        verb="Refuse"
        object={object}
        consequence="Whoever asked is told so."
        run={() => refuse.mutateAsync({ params, body: { reason } })}
      >
        <div className="field">
          <label htmlFor={`why-${request.id}`}>Why</label>
          <input id={`why-${request.id}`} value={reason} onChange={({ target }) => setReason(target.value)} />
        </div>
      </Confirm>
    </>
  );
}
