/** Two read models for the runner, each with its own poison, and what they must say of a given log. */
import type { Projection } from "#events/projections/projection";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { Appended } from "../tail.ts";

type Table = Readonly<Record<string, string | number>>;

const sorted = (table: Table): Table => Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Names that one of the projections cannot digest; the others can. */
export const poisons = { names: "poison of names", census: "poison of census" } as const;

const nameIn = (event: LoggedEvent["event"]): string | null =>
  event.type === "member.upserted" ? event.data.display_name : null;

/** The last name of every member. */
const names: Projection<Table> = {
  name: "names",
  initial: {},
  apply(state, { event, stream }) {
    const name = nameIn(event);
    if (name === poisons.names) throw new RangeError("cannot digest this name");
    return name === null ? state : sorted({ ...state, [stream.id]: name });
  },
};

/** How many events there are of each type. */
const census: Projection<Table> = {
  name: "census",
  initial: {},
  apply(state, { event }) {
    if (nameIn(event) === poisons.census) throw new RangeError("cannot count this name");
    return sorted({ ...state, [event.type]: Number(state[event.type] ?? 0) + 1 });
  },
};

export const projections = [names, census] as const;

export interface Expected {
  readonly lanes: readonly number[];
  readonly quarantined: readonly { readonly lane: number; readonly seq: number }[];
  readonly state: Table;
}

/** @param upTo of each lane, how far it was read; without: to the end */
export function expectedOf(
  projection: (typeof projections)[number]["name"],
  log: readonly (readonly Appended[])[],
  upTo?: readonly number[],
): Expected {
  const lanes: number[] = [];
  const quarantined: { lane: number; seq: number }[] = [];
  const state: Record<string, string | number> = {};
  for (const [lane, events] of log.entries()) {
    let seq = 0;
    for (const { type, data, stream } of events.slice(0, upTo?.[lane])) {
      const name = type === "member.upserted" ? data["display_name"] : null;
      if (name === poisons[projection as "names" | "census"]) {
        quarantined.push({ lane, seq: seq + 1 });
        break;
      }
      seq++;
      if (projection === "census") state[type] = Number(state[type] ?? 0) + 1;
      else if (typeof name === "string") state[stream.id] = name;
    }
    lanes.push(seq);
  }
  return { lanes, quarantined, state };
}
