import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Operations } from "../../api/generated.ts";
import { useChange, useOperation } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ChoiceFilter, Filters, useFilters } from "../../parts/filters.tsx";
import { OwnerName } from "../../parts/names.tsx";
import { Narrowings } from "../../parts/narrowings.tsx";
import { Field, Form, wordsOf } from "../../parts/form.tsx";
import { When } from "../../parts/time.tsx";

type Identity = Operations["identities.list"]["response"]["items"][number];

const columns: readonly Column<Identity>[] = [
  {
    title: "Name",
    width: "minmax(12rem, 2fr)",
    cell: ({ id, name }) => (
      <Link to="/identities/$id" params={{ id }}>
        {name}
      </Link>
    ),
  },
  { title: "State", cell: ({ status }) => <Badge state={status} />, width: "8rem" },
  { title: "DNS names", cell: ({ dns_names }) => dns_names.join(", ") },
  { title: "Changed", cell: ({ updated_at }) => <When at={updated_at} />, width: "9rem" },
];

type Query = NonNullable<Operations["identities.list"]["query"]>;

const states = [
  ["", "Any state"],
  ...(["requested", "issued", "deployed", "renewing", "failed", "revoked", "retired", "cancelled"] as const).map(
    (state) => [state, state] as const,
  ),
] as const;

const narrowings = {
  profile: (profile: string) => `Profile ${profile}`,
  owner_id: (id: string) => (
    <>
      Owned by <OwnerName id={id} />
    </>
  ),
};

export default function Identities() {
  const mayWrite = useMay("identities:write");
  const { filters, set } = useFilters(["status", "profile", "owner_id"]);
  return (
    <>
      <h1>Identities</h1>
      <p>What has certificates, one after the other: a service, a device, a name.</p>
      {mayWrite && <NewIdentity />}
      <Filters>
        <ChoiceFilter
          label="State"
          value={filters.status ?? ""}
          choices={states}
          onChange={(to) => set("status", to)}
        />
      </Filters>
      <Narrowings texts={narrowings} filters={filters} set={set} />
      <DataTable
        label="Identities"
        operation="identities.list"
        query={filters as Query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={Object.keys(filters).length === 0 ? "There is no identity yet." : "No identity is like that."}
      />
    </>
  );
}

function NewIdentity() {
  const create = useChange("identities.create");
  const owners = useOperation("owners.list", { query: { limit: 100 } });
  const [name, setName] = useState("");
  const [owner, setOwner] = useState("");
  const [dns, setDns] = useState("");
  const { error } = create;
  const first = owners.data?.items[0]?.id ?? "";
  const body = { name, owner_id: owner || first, dns_names: wordsOf(dns) };
  return (
    <details className="card">
      <summary>New identity</summary>
      {owners.data?.items.length === 0 && (
        <p>
          An identity has an owner: <Link to="/owners">create one first</Link>.
        </p>
      )}
      <Form
        submit="Create identity"
        busy={create.isPending}
        error={error}
        fields={["name", "owner_id", "dns_names"]}
        onSubmit={() => create.mutate({ body }, { onSuccess: () => setName("") })}
      >
        <Field name="name" label="Name" error={error}>
          {(field) => <input {...field} required value={name} onChange={({ target }) => setName(target.value)} />}
        </Field>
        <Field name="owner_id" label="Owner" error={error}>
          {(field) => (
            <select {...field} value={owner || first} onChange={({ target }) => setOwner(target.value)}>
              {(owners.data?.items ?? []).map(({ id, name: text }) => (
                <option key={id} value={id}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field name="dns_names" label="DNS names" hint="Separated by spaces" error={error}>
          {(field) => <input {...field} value={dns} onChange={({ target }) => setDns(target.value)} />}
        </Field>
      </Form>
    </details>
  );
}
