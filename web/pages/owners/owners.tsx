import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Field, Form } from "../../parts/form.tsx";
import { When } from "../../parts/time.tsx";

type Owner = Operations["owners.list"]["response"]["items"][number];
const kinds = ["team", "user", "service", "workload"] as const;

export default function Owners() {
  const mayWrite = useMay("owners:write");
  const remove = useChange("owners.delete");
  const columns: readonly Column<Owner>[] = [
    { title: "Name", cell: ({ name }) => name, width: "minmax(12rem, 2fr)" },
    { title: "Kind", cell: ({ kind }) => kind, width: "6rem" },
    {
      title: "Email",
      cell: ({ email }) => email ?? <span className="muted">none</span>,
      width: "minmax(13rem, 2fr)",
    },
    {
      title: "Has",
      width: "12rem",
      cell: ({ id, name }) => (
        <>
          <Link to="/certificates" search={{ owner_id: id }} aria-label={`Certificates of ${name}`}>
            certificates
          </Link>
          {", "}
          <Link to="/identities" search={{ owner_id: id }} aria-label={`Identities of ${name}`}>
            identities
          </Link>
        </>
      ),
    },
    { title: "Since", cell: ({ created_at }) => <When at={created_at} />, width: "9rem" },
    ...(mayWrite
      ? [
          {
            title: "Change",
            width: "8rem",
            cell: ({ id, name }: Owner) => (
              <Confirm
                verb="Delete"
                object={name}
                consequence="Nobody is asked any more about what this owner has. An owner that still has something is not deleted."
                run={() => remove.mutateAsync({ params: { id } })}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <h1>Owners</h1>
      <p>Who is asked about a credential: a person, a team, a service or a workload.</p>
      {mayWrite && <NewOwner />}
      <DataTable
        label="Owners"
        operation="owners.list"
        columns={columns}
        rowKey={({ id }) => id}
        empty="There is no owner yet."
      />
    </>
  );
}

function NewOwner() {
  const create = useChange("owners.create");
  const [name, setName] = useState("");
  const [kind, setKind] = useState<(typeof kinds)[number]>("team");
  const [email, setEmail] = useState("");
  const { error } = create;
  const submit = (): void =>
    create.mutate(
      { body: { kind, name, ...(email !== "" && { email }) } },
      {
        onSuccess() {
          setName("");
          setEmail("");
        },
      },
    );
  return (
    <details className="card">
      <summary>New owner</summary>
      <Form
        submit="Create owner"
        busy={create.isPending}
        error={error}
        fields={["name", "kind", "email"]}
        onSubmit={submit}
      >
        <Field name="name" label="Name" error={error}>
          {(field) => <input {...field} required value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <Field name="kind" label="Kind" error={error}>
          {(field) => (
            <select {...field} value={kind} onChange={({ target }) => setKind(target.value as typeof kind)}>
              {kinds.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          )}
        </Field>
        <Field name="email" label="Email" hint="Optional" error={error}>
          {(field) => <input {...field} type="email" value={email} onChange={({ target }) => setEmail(target.value)} />}
        </Field>
      </Form>
    </details>
  );
}
