/** How many certificates there are, by issuer and by what became of them; and an index of names and ends. */
import type { LoggedEvent } from "#shared/ports/event-log";
import { type Calendar, counted, dayOf, emptyCalendar } from "./calendar.ts";
import { endEntries } from "./certificate-ends.ts";
import { certificateEntries } from "./certificate-names.ts";
import type { Projection } from "./projection.ts";

export interface Counts {
  readonly issued: number;
  readonly revoked: number;
  readonly superseded: number;
}

export interface Inventory {
  readonly byIssuer: Readonly<Record<string, Counts>>;
  /** Certificates by the day on which they were issued, the last four weeks. */
  readonly issuedByDay: Calendar;
  /** Leaves that were not revoked, by the day on which they end. */
  readonly endingByDay: Calendar;
}

const daysKept = 28;
const pastDaysKept = 14;

const none: Counts = { issued: 0, revoked: 0, superseded: 0 };

export const inventory: Projection<Inventory> = {
  name: "certificates",
  shape: 2,
  initial: { byIssuer: {}, issuedByDay: emptyCalendar, endingByDay: emptyCalendar },
  entries: (event) => [...certificateEntries(event), ...endEntries(event)],
  apply(state, { event, time }: LoggedEvent) {
    switch (event.type) {
      case "certificate.issued": {
        const { issuer, replaces, not_after } = event.data;
        const counts = { issued: 1, superseded: replaces === undefined ? 0 : 1 };
        const issuedByDay = counted(state.issuedByDay, dayOf(time), 1, dayOf(time), daysKept);
        return { ...ending(count(state, issuer, counts), not_after, 1, time), issuedByDay };
      }
      case "certificate.reconciled":
        return count(state, event.data.issuer, { issued: 1, revoked: 1 });
      case "certificate.revoked":
        return revoked(state, event.data, time);
      case "revocation-job.advanced":
      case "identity.revoked":
        return event.data.certificates.reduce((sum, certificate) => revoked(sum, certificate, time), state);
      default:
        return state;
    }
  },
};

const revoked = (state: Inventory, { issuer, not_after }: Ended, time: string): Inventory =>
  ending(count(state, issuer, { revoked: 1 }), not_after, -1, time);

interface Ended {
  readonly issuer: string;
  /** Absent in what earlier releases wrote. */
  readonly not_after?: string;
}

const ending = (state: Inventory, not_after: string | undefined, by: number, time: string): Inventory =>
  not_after === undefined
    ? state
    : { ...state, endingByDay: counted(state.endingByDay, dayOf(not_after), by, dayOf(time), pastDaysKept) };

function count(state: Inventory, issuer: string, by: Partial<Counts>): Inventory {
  const { byIssuer } = state;
  const now = byIssuer[issuer] ?? none;
  const { issued = 0, revoked = 0, superseded = 0 } = by;
  const counts: Counts = {
    issued: now.issued + issued,
    revoked: now.revoked + revoked,
    superseded: now.superseded + superseded,
  };
  if (Object.hasOwn(byIssuer, issuer)) return { ...state, byIssuer: { ...byIssuer, [issuer]: counts } };
  // Sorted: which issuer is met first depends on the order of the lanes, the stored bytes must not.
  const entries = [...Object.entries(byIssuer), [issuer, counts] as const];
  return { ...state, byIssuer: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
