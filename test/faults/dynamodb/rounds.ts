/**
 * Rounds on DynamoDB: several processes at the same tenants over one endpoint, killed at any moment, on a wire that does
 * what DynamoDB does on a bad day, with clocks that disagree; then everything is whole again and is looked through.
 */
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { systemClock } from "#shared/adapters/local/clock";
import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { pause, type Random, randomFrom } from "../random.ts";
import { Violation, wrong } from "../violation.ts";
import { checkTenant } from "./checks.ts";
import { Ledger } from "./ledger.ts";
import { Gone, Refused, Worker } from "./process.ts";
import { outage, weather } from "./weather.ts";
import { startWire, type Wire } from "./wire.ts";
import type { Done, Op } from "./work.ts";

export interface Tally {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
}

const processes = 3;
const usualOps = 30;
const clientsAtOnce = 8;
/** A tenant lives so long; then the next pair begins. */
const roundsOfTenant = 10;

/** @param ops commands in a round */
export async function runDynamoRounds(
  rounds: number,
  seed: number,
  say: (line: string) => void,
  ops = usualOps,
): Promise<Tally> {
  const dynamo = await startDynamo();
  const wire = await startWire(dynamo.endpoint);
  const counts = { lost: 0, doubled: 0, wrong: 0 };
  const ledger = new Ledger();
  const workers: Worker[] = [];
  let done = 0;
  let kills = 0;
  let failovers = 0;
  try {
    for (let n = 1; n <= rounds; n++) {
      const round = new Round({ dynamo, wire, ledger, workers, random: randomFrom(seed, n), n, ops });
      try {
        await round.run();
      } catch (error) {
        if (error instanceof Violation) counts[error.kind]++;
        else counts.wrong++;
        say(`round ${n}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
        await Promise.all(workers.map((worker) => worker.kill()));
      } finally {
        round.over = true;
      }
      kills += round.kills;
      failovers += round.failovers;
      done++;
      if (n % 10 === 0 || n === rounds)
        say(
          `round ${n}: acknowledged ${ledger.count}, kills ${kills}, failovers ${failovers}, delivered again ${ledger.repeated}`,
        );
    }
    for (const [fault, times] of [...wire.met].sort(([a], [b]) => (a < b ? -1 : 1))) say(`  ${fault}: ${times}`);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await wire.stop();
    await dynamo.stop();
  }
  return { rounds: done, acknowledged: ledger.count, ...counts };
}

interface RoundOptions {
  readonly dynamo: Dynamo;
  readonly wire: Wire;
  readonly ledger: Ledger;
  /** They live on from round to round, as long as nobody kills them. */
  readonly workers: Worker[];
  readonly random: Random;
  readonly n: number;
  readonly ops: number;
}

class Round {
  readonly #options: RoundOptions;
  readonly #tenants: readonly string[];
  readonly #workers: Worker[];
  over = false;
  kills = 0;
  failovers = 0;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#workers = options.workers;
    const age = Math.floor((options.n - 1) / roundsOfTenant);
    this.#tenants = ["a", "b"].map((side) => `${side}${age}`);
  }

  async run(): Promise<void> {
    const { random, wire, n } = this.#options;
    for (let at = 0; at < processes; at++) if (this.#workers[at]?.alive !== true) await this.#start(at);
    if ((n - 1) % roundsOfTenant === 0) await this.#found();
    wire.script = random.chance(0.2) ? outage(random, random.between(5, 60)) : weather(random, random.next() * 0.12);
    const disturbed = this.#disturb();
    const ops = Array.from({ length: this.#options.ops }, (_, k) => this.#someOp(k));
    const queue = [...ops, ...ops.filter(() => random.chance(0.2))]; // some twice, at once or later
    const client = async (): Promise<void> => {
      for (let op = queue.shift(); op !== undefined; op = queue.shift()) await this.#insist(op, random.chance(0.1));
    };
    await Promise.all(Array.from({ length: clientsAtOnce }, client));
    this.over = true;
    await disturbed;
    wire.script = () => undefined;
    await this.#heal();
    const tables = dynamoTableStore({
      clientOf: () => this.#options.dynamo.client,
      tableName: this.#options.dynamo.tables.core,
      clock: systemClock,
    });
    for (const tenant of this.#tenants) await checkTenant(tables, tenant, this.#options.ledger);
  }

  async #start(at: number): Promise<Worker> {
    const { random, wire, dynamo, ledger } = this.#options;
    const skewMs = random.chance(0.3) ? random.between(-7_200_000, 7_200_000) : random.between(-200, 200);
    const start = { endpoint: wire.endpoint, core: dynamo.tables.core, skewMs, listens: false };
    const listens = random.chance(0.4);
    const worker = new Worker({ ...start, listens }, async (_, id) => {
      await pause(random.between(0, 10));
      if (!this.over && id.endsWith("-1") && random.chance(0.2)) return "the receiver is down";
      ledger.receive(id);
      return undefined;
    });
    this.#workers[at] = worker;
    await worker.ready();
    return worker;
  }

  /** What the identities refer to. */
  async #found(): Promise<void> {
    for (const tenant of this.#tenants) {
      const verb = "tenant.register" as const;
      await this.#insist({ tenant, key: `${tenant}-tenant`, verb, id: tenant, owner: "", effects: [] }, false);
      for (const id of ["o0", "o1", "o2"])
        await this.#insist({ tenant, key: `${tenant}-${id}`, verb: "owner.put", id, owner: "", effects: [] }, false);
    }
  }

  #someOp(k: number): Op {
    const { random, n } = this.#options;
    const verb = random.pick(["member.put", "member.put", "owner.put", "identity.create"] as const);
    const key = `r${n}-${k}`;
    const id = {
      "member.put": `m${random.between(0, 5)}`,
      "owner.put": `o${random.between(0, 2)}`,
      "identity.create": key,
    };
    const effects = random.pick([[], [], ["mail"], ["mail", "ours"]] as const);
    return { tenant: random.pick(this.#tenants), key, verb, id: id[verb], owner: `o${random.between(0, 2)}`, effects };
  }

  /** As a careful client does: one key for one operation, until it is answered or the client gives up. */
  async #insist(op: Op, givesUp: boolean): Promise<void> {
    const { random, ledger } = this.#options;
    ledger.asked(op);
    for (let tries = 1; ; tries++) {
      const worker = random.pick(this.#workers);
      try {
        const done = (await worker.ask({ call: "commit", op })) as Done;
        if (done.resource !== op.id) wrong(`${op.key} was answered with ${done.resource}`);
        ledger.told(op);
        return;
      } catch (error) {
        if (!(error instanceof Gone) && !(error instanceof Refused && error.code === "unavailable")) throw error;
        if (givesUp) return;
        if (tries > 500) wrong(`${op.key} was never answered: ${error.message}`);
        await pause(random.between(10, 100));
      }
    }
  }

  /** Kills, dooms, wakes that come at any time and in any order; and brings back what is gone. */
  async #disturb(): Promise<void> {
    const { random } = this.#options;
    // A busy machine takes seconds to start a process: clients must have somebody to ask in between.
    let killsLeft = random.between(1, 8);
    let failsOver = random.chance(0.5);
    const asks: Promise<unknown>[] = [];
    const defects: unknown[] = [];
    while (!this.over) {
      const at = random.between(0, processes - 1);
      const worker = this.#workers[at];
      if (worker === undefined || !worker.alive) {
        this.kills++;
        await this.#start(at);
      } else if (killsLeft > 0 && random.chance(0.25)) {
        killsLeft--;
        if (random.chance(0.4)) await worker.kill();
        else worker.doom({ after: random.between(0, 25), cut: random.pick(["before", "behind"] as const) });
      } else if (failsOver && random.chance(0.4)) {
        failsOver = false;
        asks.push(this.#failOver(random.pick(this.#tenants)).catch((error: unknown) => void defects.push(error)));
      } else {
        const call = random.chance(0.9) ? "follow" : "compare";
        const asked = worker.ask({ call, tenant: random.pick(this.#tenants) });
        asks.push(asked.catch((error: unknown) => void (isExpectable(error) || defects.push(error))));
      }
      await pause(random.between(5, 80));
    }
    await Promise.all(asks);
    if (defects.length > 0) throw defects[0];
  }

  /** As an operator does: again until it is done, by whichever process lives. */
  async #failOver(tenant: string): Promise<void> {
    for (let done = false; !done; ) {
      const asked = this.#options.random.pick(this.#workers).ask({ call: "failover", tenant });
      done = await asked.then(
        () => true,
        (error: unknown) => {
          if (!isExpectable(error)) throw error;
          return false;
        },
      );
      if (!done) await pause(50);
    }
    this.failovers++;
  }

  /** The sweeper comes by until nothing waits any more. */
  async #heal(): Promise<void> {
    for (const [at, worker] of this.#workers.entries()) {
      if (worker.alive && !this.#options.random.chance(0.3)) continue;
      await worker.kill();
      await this.#start(at);
    }
    for (const worker of this.#workers) worker.doom(undefined);
    for (const tenant of this.#tenants) {
      for (let passes = 0, quiet = 0; quiet < 2; passes++) {
        const worker = this.#options.random.pick(this.#workers);
        const wait = (await worker.ask({ call: "follow", tenant }).catch(fencedOnce)) as number | undefined;
        if (wait === undefined) quiet++;
        else await pause(Math.min(wait, 1000));
        if (passes > 200) wrong(`the outbox of ${tenant} is never empty`);
      }
    }
  }
}

/** A pass may be cut, and a compare during commits sees what moves. Only a defect is not to be expected. */
const isExpectable = (error: unknown): boolean => !(error instanceof Refused && error.code === "defect");

/** Whoever wrote before a failover is refused once in each lane: the sweeper comes again. @returns milliseconds until then */
function fencedOnce(error: unknown): number {
  if (error instanceof Refused && error.code === "unavailable" && error.message.includes("has gone over")) return 1;
  throw error;
}
