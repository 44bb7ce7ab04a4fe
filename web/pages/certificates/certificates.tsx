import { call } from "../../api/client.ts";
import type { Operations } from "../../api/generated.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";

type Certificate = Operations["certificates.list"]["response"]["items"][number];

const columns: readonly Column<Certificate>[] = [
  { title: "Subject", cell: ({ subject, sans }) => subject || sans.join(", "), width: "minmax(12rem, 3fr)" },
  { title: "Status", cell: ({ status }) => status },
  {
    title: "Expires",
    cell: ({ not_after }) => <time dateTime={not_after}>{new Date(not_after).toLocaleString()}</time>,
  },
];

export default function Certificates() {
  return (
    <>
      <h1>Certificates</h1>
      <DataTable
        label="Certificates"
        queryKey={["certificates.list"]}
        load={(cursor, signal) =>
          call("certificates.list", { query: { limit: 100, ...(cursor !== undefined && { cursor }) }, signal })
        }
        columns={columns}
        rowKey={({ id }) => id}
        empty="No certificate was issued yet."
      />
    </>
  );
}
