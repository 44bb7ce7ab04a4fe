import { Link } from "@tanstack/react-router";
import type { Operations } from "../../api/generated.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { ProfileLink } from "../../parts/names.tsx";
import { NewEndpoint } from "./new-endpoint.tsx";

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
  { title: "Profile", cell: ({ profile }) => <ProfileLink profile={profile} /> },
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
