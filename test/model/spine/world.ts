/** One run: the machine, and its two tenants as the store has them. */
import type { AggregateKind } from "#shared/domain/aggregate";
import type { Snapshot } from "#shared/ports/event-log";
import type { Table } from "#shared/ports/table";
import type { TestClock } from "#test/log/local-log";
import { type Appended, tailOf } from "../tail.ts";
import { Machine, type MachineOptions } from "./machine.ts";

export const sides = ["a", "b"] as const;
export type Side = (typeof sides)[number];

let runs = 0;

export class World {
  readonly machine: Machine;
  readonly clock: TestClock;
  readonly lanes: number;
  readonly store: MachineOptions["store"];
  readonly #run = ++runs;
  readonly #tails: Readonly<Record<Side, (table: Table) => Promise<Appended[]>>>;
  readonly #old = new Map<string, Snapshot>();
  #names = 0;

  constructor(options: MachineOptions) {
    this.machine = new Machine(options);
    this.clock = options.clock;
    this.lanes = options.lanes;
    this.store = options.store;
    this.#tails = { a: tailOf(this.tenant("a"), options.lanes), b: tailOf(this.tenant("b"), options.lanes) };
  }

  tenant(side: Side): string {
    return `run${this.#run}${side}`;
  }

  table(side: Side): Table {
    return this.machine.tables.tenant(this.tenant(side));
  }

  /** A name that nothing else in this run has; later ones sort behind earlier ones. */
  fresh(prefix: string): string {
    return `${prefix}${String(++this.#names).padStart(5, "0")}`;
  }

  /** What was appended since the last look; the chain up to there is sound. */
  news(side: Side): Promise<Appended[]> {
    return this.#tails[side](this.table(side));
  }

  /** As it is now, or, for a command that decides on what it saw some time ago, as it was then. */
  async snapshot(side: Side, kind: AggregateKind, id: string, stale: boolean): Promise<Snapshot> {
    const name = `${side}/${kind}/${id}`;
    const past = this.#old.get(name);
    if (stale && past !== undefined) return past;
    const loaded = await this.machine.log().load(this.tenant(side), kind, id);
    this.#old.set(name, loaded);
    return loaded;
  }
}
