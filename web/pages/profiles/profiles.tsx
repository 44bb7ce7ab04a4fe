import { Link } from "@tanstack/react-router";
import { useMay } from "../../app/session.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { durationText } from "../../parts/duration.tsx";
import { When } from "../../parts/time.tsx";
import { type Profile, wordsFor } from "./spec.ts";

const columns: readonly Column<Profile>[] = [
  {
    title: "Name",
    width: "minmax(10rem, 1fr)",
    cell: ({ name }) => (
      <Link to="/profiles/$name" params={{ name }}>
        {name}
      </Link>
    ),
  },
  { title: "Version", cell: ({ version }) => version, width: "5rem" },
  {
    title: "Valid",
    width: "minmax(11rem, 1fr)",
    cell: ({ spec: { default_validity_seconds, max_validity_seconds } }) =>
      `${durationText(default_validity_seconds)}, up to ${durationText(max_validity_seconds)}`,
  },
  { title: "Good for", cell: ({ spec }) => spec.extended_key_usages.join(", "), width: "minmax(10rem, 1fr)" },
  { title: "DNS names in", cell: ({ spec }) => wordsFor(spec, "allowed_dns_suffixes"), width: "minmax(10rem, 1fr)" },
  { title: "Since", cell: ({ created_at }) => <When at={created_at} />, width: "9rem" },
];

export default function Profiles() {
  const mayWrite = useMay("profiles:write");
  return (
    <>
      <div className="heading">
        <h1>Profiles</h1>
        {mayWrite && (
          <Link to="/profiles/new" className="button primary">
            New profile
          </Link>
        )}
      </div>
      <p>
        What may stand in a certificate, for how long, and who may ask for it. A profile is never changed: a new version
        takes its place, and the older ones stay to be read.
      </p>
      <DataTable
        label="Profiles"
        operation="profiles.list"
        columns={columns}
        rowKey={({ name }) => name}
        empty="There is no profile."
      />
    </>
  );
}
