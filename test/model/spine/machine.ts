/** The product's log, outbox and projections on a store: one or two processes that can be cut and started anew. */
import { type Destinations } from "#events/outbox/destination";
import { createDispatcher } from "#events/outbox/dispatcher";
import { createEventLog } from "#events/log/log";
import { catchUp } from "#events/projections/runner";
import { Failure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";
import { recordedWakes, type TestClock } from "#test/log/local-log";
import { type Fault, type Lifeline, lifeline } from "../faults.ts";
import type { ModelStore } from "../stores.ts";
import { jitter, type Moods, type ReceiverName, receiverNames } from "./outbox-spec.ts";
import { projections } from "./projection-spec.ts";

export interface Received {
  readonly tenant: string;
  readonly id: string;
  readonly receiver: ReceiverName;
  readonly payload: object;
}

interface Process {
  readonly life: Lifeline;
  readonly log: EventLog;
  readonly tables: TableStore;
  readonly dispatch: (tenant: string) => Promise<unknown>;
}

export interface MachineOptions {
  readonly store: ModelStore;
  readonly clock: TestClock;
  readonly lanes: number;
  readonly processes: number;
  /** As on AWS, where no process knows that it is alone. */
  readonly several: boolean;
}

export class Machine {
  readonly wakes = recordedWakes();
  readonly received: Received[] = [];
  moods: Moods = { mail: "up", chat: "up", ours: "up" };
  /** Looks at the store past every process. */
  readonly tables: TableStore;
  readonly #processes: Process[];
  readonly #options: MachineOptions;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.tables = options.store.open(options.clock, false);
    this.#processes = Array.from({ length: options.processes }, () => this.#start());
  }

  #start(): Process {
    const { store, clock, lanes, processes, several } = this.#options;
    const life = lifeline();
    const tables = life.tiedStore(store.open(clock, processes === 1));
    const log = createEventLog({ tables, wakes: this.wakes, lanes, ...(several && { several }) });
    const { run } = createDispatcher({
      log,
      tables,
      clock,
      destinations: this.#destinations(life),
      random: () => jitter,
      onFailure: () => undefined,
    });
    return { life, log, tables, dispatch: run };
  }

  #destinations(life: Lifeline): Destinations {
    return Object.fromEntries(
      receiverNames.map((receiver) => {
        const port = {
          deliver: async ({ tenant, id, payload }: { tenant: string; id: string; payload: object }) => {
            this.received.push({ tenant, id, receiver, payload });
            const mood = this.moods[receiver];
            if (mood === "refuses") throw new Failure("unprocessable", "not this");
            if (mood !== "up") throw new Error(`${receiver} is ${mood}`);
          },
        };
        return [receiver, { ...life.tied(port, "mortal"), ...(receiver === "ours" && { own: true as const }) }];
      }),
    );
  }

  #at(process: number): Process {
    return this.#processes[process % this.#processes.length] as Process;
  }

  log(process = 0): EventLog {
    return this.#at(process).log;
  }

  /** What a wake, or the sweeper, makes the first process do for a tenant. @returns whether all went to its end */
  async follow(tenant: string): Promise<boolean> {
    // Another process may be at the same read models: they then take the row from each other.
    const duties = [
      ...this.#processes.flatMap((deps) =>
        projections.map(async (one) => void (await catchUp<object>(deps, tenant, one))),
      ),
      this.#at(0).dispatch(tenant),
    ];
    const done = await Promise.allSettled(duties);
    return done.every(({ status }) => status === "fulfilled");
  }

  arm(fault: Fault | undefined, process = 0): void {
    this.#at(process).life.arm(fault);
  }

  /** Starts a dead process anew. @returns whether the fault was met, and whether the process died of it */
  async disarm(process = 0): Promise<{ struck: boolean; died: boolean }> {
    const { life } = this.#at(process);
    const struck = life.disarm();
    const died = life.dead();
    if (died) await this.restart(process);
    return { struck, died };
  }

  async restart(process = 0): Promise<void> {
    const at = process % this.#processes.length;
    await this.#at(at).life.end();
    this.#processes[at] = this.#start();
  }
}
