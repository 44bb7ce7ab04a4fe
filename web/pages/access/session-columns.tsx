import type { ReactNode } from "react";
import type { Operations } from "../../api/generated.ts";
import type { Column } from "../../parts/data-table.tsx";
import { When } from "../../parts/time.tsx";

export type Session = Operations["sessions.list"]["response"]["items"][number];

/** What is told of every session. @param change what can be done with one */
export const sessionColumns = (change: (session: Session) => ReactNode): readonly Column<Session>[] => [
  { title: "By", cell: ({ provider }) => provider ?? "a link of the host", width: "minmax(9rem, 1fr)" },
  { title: "Since", cell: ({ opened_at }) => <When at={opened_at} />, width: "8rem" },
  { title: "Last seen", cell: ({ last_seen_at }) => <When at={last_seen_at} />, width: "8rem" },
  { title: "Unused, ends", cell: ({ ends_at }) => <When at={ends_at} />, width: "8rem" },
  { title: "Change", cell: change, width: "16rem" },
];
