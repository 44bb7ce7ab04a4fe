/** How many certificates there are, by issuer and by what became of them; and an index of their names. */
import type { LoggedEvent } from "#shared/ports/event-log";
import { certificateEntries } from "./certificate-names.ts";
import type { Projection } from "./projection.ts";

export interface Counts {
  readonly issued: number;
  readonly revoked: number;
  readonly superseded: number;
}

export interface Inventory {
  readonly byIssuer: Readonly<Record<string, Counts>>;
}

const none: Counts = { issued: 0, revoked: 0, superseded: 0 };

export const inventory: Projection<Inventory> = {
  name: "certificates",
  initial: { byIssuer: {} },
  entries: certificateEntries,
  apply(state, { event }: LoggedEvent) {
    switch (event.type) {
      case "certificate.issued":
        return count(state, event.data.issuer, { issued: 1, superseded: event.data.replaces === undefined ? 0 : 1 });
      case "certificate.reconciled":
        return count(state, event.data.issuer, { issued: 1, revoked: 1 });
      case "certificate.revoked":
        return count(state, event.data.issuer, { revoked: 1 });
      case "revocation-job.advanced":
      case "identity.revoked":
        return event.data.certificates.reduce((sum, { issuer }) => count(sum, issuer, { revoked: 1 }), state);
      default:
        return state;
    }
  },
};

function count({ byIssuer }: Inventory, issuer: string, by: Partial<Counts>): Inventory {
  const now = byIssuer[issuer] ?? none;
  const { issued = 0, revoked = 0, superseded = 0 } = by;
  const counts: Counts = {
    issued: now.issued + issued,
    revoked: now.revoked + revoked,
    superseded: now.superseded + superseded,
  };
  if (Object.hasOwn(byIssuer, issuer)) return { byIssuer: { ...byIssuer, [issuer]: counts } };
  // Sorted: which issuer is met first depends on the order of the lanes, the stored bytes must not.
  const entries = [...Object.entries(byIssuer), [issuer, counts] as const];
  return { byIssuer: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
