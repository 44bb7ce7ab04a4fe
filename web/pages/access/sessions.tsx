import { useChange } from "../../api/hooks.ts";
import { useMay } from "../../app/session.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { type Session, sessionColumns } from "./session-columns.tsx";

/** Who is signed in to the console, in this tenant. */
export function Sessions() {
  const mayEnd = useMay("access:write");
  const columns = [
    { title: "Who", cell: ({ subject, name }: Session) => name ?? subject, width: "minmax(10rem, 1fr)" },
    ...sessionColumns((session) => (mayEnd ? <End session={session} /> : session.current && "this one")),
  ];
  return (
    <>
      <h2>Sessions of browsers</h2>
      <DataTable
        label="Sessions"
        operation="sessions.list"
        columns={columns}
        rowKey={({ id }) => id}
        empty="Nobody is signed in."
      />
    </>
  );
}

function End({ session: { id, subject, name, current } }: { readonly session: Session }) {
  const end = useChange("sessions.end");
  const endAll = useChange("sessions.end-all");
  const who = name ?? subject;
  if (current) return <>this one</>;
  return (
    <>
      <Confirm
        verb="End"
        object={`a session of ${who}`}
        consequence="That browser is signed out at once. Signing in again is not stopped by it."
        run={() => end.mutateAsync({ params: { id } })}
      />{" "}
      <Confirm
        verb="End all"
        object={`sessions of ${who}`}
        consequence={`Every browser of ${subject} is signed out at once, and so is one that signs in at this moment. To keep them out, offboard the member or change the rules of the provider.`}
        run={() => endAll.mutateAsync({ body: { subject } })}
      />
    </>
  );
}
