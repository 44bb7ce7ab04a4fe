import "./operations.css";
import { Link } from "@tanstack/react-router";
import type { Operations as Api } from "../../api/generated.ts";
import { useMay } from "../../app/session.tsx";
import { Badge } from "../../parts/badge.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { IssuerName, OwnerName } from "../../parts/names.tsx";
import { When } from "../../parts/time.tsx";
import { Sections } from "./sections.tsx";

type Job = Api["revocations.list"]["response"]["items"][number];

export const isOver = ({ status }: Pick<Job, "status">): boolean => status === "done" || status === "cancelled";

/** What it is about, by the names that people know. */
export function Scope({ job: { issuer_id, owner_id, profile, certificate_ids } }: { readonly job: Job }) {
  if (issuer_id !== null)
    return (
      <>
        issuer <IssuerName id={issuer_id} />
      </>
    );
  if (owner_id !== null)
    return (
      <>
        owner <OwnerName id={owner_id} />
      </>
    );
  if (profile !== null) return <>profile {profile}</>;
  return <>{certificate_ids === null ? "every certificate" : `${certificate_ids.length} named`}</>;
}

const columns: readonly Column<Job>[] = [
  {
    title: "Of",
    width: "minmax(14rem, 2fr)",
    cell: (job) => (
      <Link to="/operations/revocations/$id" params={{ id: job.id }}>
        <Scope job={job} />
      </Link>
    ),
  },
  { title: "For", cell: ({ mode }) => (mode === "preview" ? "counting only" : "revoking"), width: "8rem" },
  { title: "State", cell: ({ status }) => <Badge state={status} />, width: "7rem" },
  { title: "Revoked", cell: ({ revoked, matched }) => `${revoked} of ${matched}`, width: "9rem" },
  { title: "By", cell: ({ requested_by }) => requested_by, width: "9rem" },
  { title: "Begun", cell: ({ created_at }) => <When at={created_at} />, width: "8rem" },
];

export default function Revocations() {
  const mayRevoke = useMay("certs:issue");
  return (
    <>
      <div className="heading">
        <h1>Bulk revocation</h1>
        {mayRevoke && (
          <Link to="/operations/revocations/new" className="button primary">
            Revoke many
          </Link>
        )}
      </div>
      <Sections />
      <p>Many certificates revoked as one job, which goes on by itself until it is done, whatever is restarted.</p>
      <DataTable
        label="Bulk revocations"
        operation="revocations.list"
        columns={columns}
        rowKey={({ id }) => id}
        empty="Nobody has revoked many at once. It begins with a count, which revokes nothing."
      />
    </>
  );
}
