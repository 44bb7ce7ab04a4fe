import { useChange } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { type Session, sessionColumns } from "./session-columns.tsx";

/** Where one is signed in oneself: a browser that one does not know is ended here. */
export default function OwnSessions() {
  const { subject } = useSession();
  return (
    <>
      <h1>Your sessions</h1>
      <p>Browsers in which {subject} is signed in. End what you do not know.</p>
      <DataTable
        label="Your sessions"
        operation="sessions.own"
        columns={sessionColumns((session) => (session.current ? "this one" : <End session={session} />))}
        rowKey={({ id }) => id}
        empty="You are signed in nowhere."
      />
    </>
  );
}

function End({ session: { id, provider } }: { readonly session: Session }) {
  const end = useChange("sessions.end-own");
  return (
    <Confirm
      verb="End"
      object={`your session by ${provider ?? "a link of the host"}`}
      consequence="That browser is signed out at once."
      run={() => end.mutateAsync({ params: { id } })}
    />
  );
}
