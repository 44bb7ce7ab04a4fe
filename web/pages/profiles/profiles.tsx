import type { Operations } from "../../api/generated.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";

type Profile = Operations["profiles.list"]["response"]["items"][number];

const days = (seconds: number): string =>
  seconds >= 86_400 ? `${Math.round(seconds / 86_400)} days` : `${Math.round(seconds / 60)} minutes`;

const columns: readonly Column<Profile>[] = [
  { title: "Name", cell: ({ name, version }) => `${name}, version ${version}`, width: "minmax(12rem, 2fr)" },
  { title: "State", cell: ({ active }) => <Badge state={active ? "active" : "superseded"} />, width: "9rem" },
  {
    title: "Valid",
    cell: ({ spec }) => `${days(spec.default_validity_seconds)}, at most ${days(spec.max_validity_seconds)}`,
  },
  { title: "For", cell: ({ spec }) => spec.extended_key_usages.join(", ") },
  { title: "Names", cell: ({ spec }) => spec.allowed_dns_suffixes.join(", ") || "any" },
];

export default function Profiles() {
  return (
    <>
      <h1>Profiles</h1>
      <p>
        What may stand in a certificate, for how long, and who may ask for it. A profile is never changed: a new version
        takes its place. Make one with <code>trstctl profiles create</code>.
      </p>
      <DataTable
        label="Profiles"
        operation="profiles.list"
        columns={columns}
        rowKey={({ name, version }) => `${name}@${version}`}
        empty="There is no profile."
      />
    </>
  );
}
