/** Dead effects, put back: one, or all of a filter. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, newKey } from "../../api/client.ts";
import { useChange } from "../../api/hooks.ts";
import { Confirm } from "../../parts/confirm.tsx";

export function Redrive({ id, destination }: { readonly id: string; readonly destination: string }) {
  const redrive = useChange("outbox.redrive");
  return (
    <Confirm
      verb="Redrive"
      object={destination}
      consequence="It is put back and tried at once, with all its attempts before it."
      run={() => redrive.mutateAsync({ params: { id } })}
    />
  );
}

/** The host takes 90 in one event; so it is asked until none is left behind the last: what fails again is not tried again. */
export function RedriveAll({ destination }: { readonly destination: string | undefined }) {
  const queries = useQueryClient();
  const [done, setDone] = useState<number>();
  const run = async (): Promise<void> => {
    let total = 0;
    try {
      for (let after: string | undefined, left = 1; left > 0; ) {
        const body = { ...(destination !== undefined && { destination }), ...(after !== undefined && { after }) };
        const answer = await call("outbox.redrive-all", { body, key: newKey() });
        total += answer.redriven ?? 0;
        setDone(total);
        left = answer.dead;
        after = answer.last_id ?? undefined;
      }
    } finally {
      await queries.invalidateQueries({
        predicate: ({ queryKey: [name] }) => /^(?:outbox|circuits|status)\./.test(String(name)),
      });
    }
  };
  return (
    <div>
      <Confirm
        verb="Redrive all"
        object={destination === undefined ? "that was given up" : `of ${destination}`}
        consequence="All of them are put back and tried at once, with all their attempts before them."
        run={run}
      />
      <span role="status">{done !== undefined && ` ${done} redriven`}</span>
    </div>
  );
}
