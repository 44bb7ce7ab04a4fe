/** Where an identity stands on its way, when it came through each state, and where the way may end. */
import type { Operations } from "../../api/generated.ts";
import { When } from "../../parts/time.tsx";

type Identity = Operations["identities.get"]["response"];
type State = Identity["status"];

const way: readonly State[] = ["requested", "issued", "deployed", "renewing"];
const ends: readonly State[] = ["failed", "revoked", "retired", "cancelled"];

export function Lifecycle({ identity }: { readonly identity: Pick<Identity, "status" | "history" | "created_at"> }) {
  const { status, history, created_at } = identity;
  const reached = (state: State): string | undefined =>
    history.findLast(({ to }) => to === state)?.at ?? (state === "requested" ? created_at : undefined);
  const step = (state: State) => {
    const at = reached(state);
    const place = state === status ? "now" : at === undefined ? "ahead" : "behind";
    return (
      <li
        key={state}
        className={`${place} ${ends.includes(state) ? "end" : ""}`}
        aria-current={state === status ? "step" : undefined}
      >
        <strong>{state}</strong>
        <span>{at === undefined ? "not yet" : <When at={at} />}</span>
      </li>
    );
  };
  // Of the ends only those that came: three that never will say nothing.
  return (
    <ol className="lifecycle" aria-label="Lifecycle">
      {way.map(step)}
      {ends.filter((state) => reached(state) !== undefined || state === status).map(step)}
    </ol>
  );
}
