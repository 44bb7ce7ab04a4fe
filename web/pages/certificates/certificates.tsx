import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Operations } from "../../api/generated.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ChoiceFilter, Filters, TextFilter, useFilters } from "../../parts/filters.tsx";
import { IssuerName, OwnerName } from "../../parts/names.tsx";
import { Narrowings } from "../../parts/narrowings.tsx";
import { When } from "../../parts/time.tsx";

type Query = NonNullable<Operations["certificates.list"]["query"]>;
type Certificate = Operations["certificates.list"]["response"]["items"][number];

export const nameOf = ({ subject, sans }: Pick<Certificate, "subject" | "sans">): string =>
  /(?:^|,\s?)CN=([^,]+)/.exec(subject)?.[1] ?? sans[0]?.replace(/^[a-z]+:/, "") ?? (subject || "(no name)");

const columns: readonly Column<Certificate>[] = [
  {
    title: "Name",
    width: "minmax(14rem, 3fr)",
    cell: (certificate) => (
      <Link to="/certificates/$id" params={{ id: certificate.id }}>
        {nameOf(certificate)}
      </Link>
    ),
  },
  { title: "Status", cell: ({ status }) => <Badge state={status} />, width: "8rem" },
  { title: "Expires", cell: ({ not_after }) => <When at={not_after} />, width: "9rem" },
  {
    title: "Came by",
    cell: ({ kind, protocol, endpoint }) => (kind === "ca" ? "CA" : (endpoint ?? protocol)),
    width: "9rem",
  },
  { title: "Key", cell: ({ key_algorithm }) => key_algorithm, width: "9rem" },
];

const statuses = [
  ["", "Any status"],
  ["active", "Active"],
  ["unrevoked", "Not revoked"],
  ["revoked", "Revoked"],
  ["superseded", "Superseded"],
  ["expired", "Expired"],
] as const;

const dateText = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const narrowings = {
  expiring_after: (at: string) => `Expires after ${dateText(at)}`,
  expiring_before: (at: string) => `Expires before ${dateText(at)}`,
  issuer_id: (id: string) => (
    <>
      Issued by <IssuerName id={id} />
    </>
  ),
  profile: (profile: string) => `Profile ${profile}`,
  owner_id: (id: string) => (
    <>
      Owned by <OwnerName id={id} />
    </>
  ),
};

const orders = [
  ["", "First to expire"],
  ["-expires", "Last to expire"],
] as const;

export default function Certificates() {
  const { filters, set } = useFilters([
    "q",
    "status",
    "sort",
    "expiring_after",
    "expiring_before",
    "issuer_id",
    "profile",
    "owner_id",
  ]);
  const find = useCallback((text: string) => set("q", text), [set]);
  const mayIssue = useMay("certs:issue");
  return (
    <>
      <div className="heading">
        <h1>Certificates</h1>
        {mayIssue && (
          <Link to="/certificates/issue" className="button primary">
            Issue a certificate
          </Link>
        )}
      </div>
      <Filters>
        <TextFilter
          label="Search"
          hint="A domain or the beginning of a name; or, whole, a serial number or id"
          value={filters.q ?? ""}
          onChange={find}
        />
        <ChoiceFilter
          label="Status"
          value={filters.status ?? ""}
          choices={statuses}
          onChange={(to) => set("status", to)}
        />
        {filters.q === undefined && (
          <ChoiceFilter label="Order" value={filters.sort ?? ""} choices={orders} onChange={(to) => set("sort", to)} />
        )}
      </Filters>
      <Narrowings texts={narrowings} filters={filters} set={set} />
      <DataTable
        label="Certificates"
        operation="certificates.list"
        query={filters as Query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          Object.keys(filters).length === 0
            ? "No certificate was issued yet."
            : "No certificate is like that. A search looks at domains and the beginnings of names, not inside them; a serial number must be whole."
        }
      />
    </>
  );
}
