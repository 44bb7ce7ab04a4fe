import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Field, Form } from "../../parts/form.tsx";

type Endpoint = Operations["enrolment-endpoints.list"]["response"]["items"][number];

const columns: readonly Column<Endpoint>[] = [
  {
    title: "Label",
    width: "minmax(10rem, 2fr)",
    cell: ({ label }) => (
      <Link to="/enrolment/$label" params={{ label }}>
        {label}
      </Link>
    ),
  },
  { title: "State", cell: ({ status }) => <Badge state={status} />, width: "8rem" },
  { title: "Protocols", cell: ({ protocols }) => protocols.join(", ") },
  { title: "Profile", cell: ({ profile }) => profile },
  { title: "Approval", cell: ({ approval }) => approval, width: "8rem" },
];

export default function Endpoints() {
  const mayWrite = useMay("enrolment:write");
  return (
    <>
      <div className="heading">
        <h1>Enrolment endpoints</h1>
        <Link to="/enrolment/requests" className="button">
          Requests that wait
        </Link>
      </div>
      <p>
        Where clients get certificates by themselves: ACME, EST, SCEP, CMP. A label stands in the URL, no tenant does.
      </p>
      {mayWrite && <NewEndpoint />}
      <DataTable
        label="Enrolment endpoints"
        operation="enrolment-endpoints.list"
        columns={columns}
        rowKey={({ label }) => label}
        empty="There is no endpoint yet."
      />
    </>
  );
}

function NewEndpoint() {
  const create = useChange("enrolment-endpoints.create");
  const [label, setLabel] = useState("");
  const [approval, setApproval] = useState<"automatic" | "manual">("automatic");
  const { error } = create;
  return (
    <details className="card">
      <summary>New endpoint</summary>
      <Form
        submit="Create endpoint"
        busy={create.isPending}
        error={error}
        fields={["label", "approval"]}
        onSubmit={() => create.mutate({ body: { label, approval } }, { onSuccess: () => setLabel("") })}
      >
        <Field name="label" label="Label" hint="a-z, 0-9 and -, 3 to 63; never given to another" error={error}>
          {(field) => <input {...field} required value={label} onChange={({ target }) => setLabel(target.value)} />}
        </Field>
        <Field name="approval" label="Approval" error={error}>
          {(field) => (
            <select {...field} value={approval} onChange={({ target }) => setApproval(target.value as typeof approval)}>
              <option value="automatic">What the profile allows is issued</option>
              <option value="manual">A person decides on each request</option>
            </select>
          )}
        </Field>
      </Form>
    </details>
  );
}
