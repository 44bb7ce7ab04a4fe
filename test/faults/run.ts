/** Rounds of faults over installations that live many rounds each. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { run } from "#test/run";
import { join } from "node:path";
import { checkBooks, type Checked, checkRound } from "./checks.ts";
import { type Fault, faults } from "./faults.ts";
import { createInjector, type Injector } from "./injector.ts";
import { createInstallation, freePorts } from "./installation.ts";
import { createLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { pause, type Random, randomFrom } from "./random.ts";
import { createRecords } from "./records.ts";
import { relyingParty } from "./revocation.ts";
import { Violation } from "./violation.ts";

export interface Tally {
  rounds: number;
  acknowledged: number;
  lost: number;
  doubled: number;
  /** Checks that failed in any other way. */
  wrong: number;
}

/** A data directory lives so many rounds: long enough to be old, short enough that every check can look at all of it. */
const generationRounds = 100;
const booksEvery = 20;
const clients = 10;
/** After so many failed checks the rest would say the same. */
const maxFailures = 5;

interface Life extends Omit<Checked, "random"> {
  readonly place: string;
  readonly owner: string;
}

/** @param only name of the one fault to strike with */
export async function runRounds(
  rounds: number,
  seed: number,
  only: string | undefined,
  say: (line: string) => void,
): Promise<Tally> {
  const tally: Tally = { rounds: 0, acknowledged: 0, lost: 0, doubled: 0, wrong: 0 };
  const deck = deckOf(randomFrom(seed, 0), only);
  let life: Life | undefined;
  let age = 0;
  for (let round = 1; round <= rounds; round++) {
    const random = randomFrom(seed, round);
    const fault = deck();
    const started = performance.now();
    const notes: string[] = [];
    try {
      life ??= await begin();
      age++;
      tally.rounds = round;
      await playRound({ ...life, random }, fault, round, notes);
      const ends = age >= generationRounds || round === rounds;
      if (ends || age % booksEvery === 0) await checkBooks({ ...life, random });
      say(`round ${round} ${fault.name}: ${((performance.now() - started) / 1000).toFixed(1)} s ${notes.join("; ")}`);
      if (!ends) continue;
      tally.acknowledged += life.ledger.acknowledged();
      await end(life);
    } catch (error) {
      const kind = error instanceof Violation ? error.kind : "wrong";
      tally[kind]++;
      tally.acknowledged += life?.ledger.acknowledged() ?? 0;
      say(`FAILED in round ${round} of seed ${seed}, ${fault.name} (${notes.join("; ")}): ${text(error)}`);
      if (life !== undefined) {
        for (let look = 0; look < 2; look++) say(await atWork(life));
        say(await keep(life));
      }
      if (tally.lost + tally.doubled + tally.wrong >= maxFailures) break;
    }
    life = undefined;
    age = 0;
  }
  return tally;
}

/** Which threads run, and what the others wait for: a check that fails because nobody answers says no more by itself. */
async function atWork({ installation }: Life): Promise<string> {
  await pause(500);
  const pids = (["host", "signer"] as const).map((part) => installation.pid(part).catch(() => 0));
  const alive = (await Promise.all(pids)).filter((pid) => pid > 0);
  const { stdout } = await run("ps", ["-L", "-o", "pid,tid,stat,cputimes,time,wchan:24,comm", "-p", alive.join(",")]);
  return stdout;
}

/** Every fault comes as often as its weight says, in an order of chance. */
function deckOf(random: Random, only: string | undefined): () => Fault {
  const whole = faults.filter(({ name }) => only === undefined || name === only);
  let left: Fault[] = [];
  return () => {
    if (left.length === 0) left = random.shuffled(whole.flatMap((fault) => Array<Fault>(fault.weight).fill(fault)));
    return left.pop() as Fault;
  };
}

async function begin(): Promise<Life> {
  const place = mkdtempSync(join(tmpdir(), "trstctl-faults-"));
  const injector: Injector = createInjector(place);
  const installation = createInstallation(place, await freePorts(), injector);
  await installation.start();
  const { api } = installation;
  const owner = await api.send("POST", "/owners", { kind: "team", name: "faults" }, "faults-owner");
  const party = await relyingParty(api);
  const records = createRecords(api, installation.data);
  const { id } = owner.json as { id: string };
  return { place, installation, injector, api, ledger: createLedger(), records, party, owner: id };
}

async function playRound(life: Life & Checked, fault: Fault, round: number, notes: string[]): Promise<void> {
  const { random } = life;
  life.ledger.round = round;
  const load = startLoad({ ...life, clients });
  await pause(random.between(50, 350));
  try {
    await fault.strike({ ...life, note: (what) => notes.push(what.replace(/\S*\/data\//, "")) });
  } catch (error) {
    load.abort();
    throw error;
  }
  await pause(random.between(20, 100));
  await load.stop();
  if (load.refusals.size > 0) notes.push([...load.refusals].map(([what, count]) => `${count} × ${what}`).join(", "));
  await checkRound(life);
}

async function end({ installation, place }: Life): Promise<void> {
  await installation.stop();
  rmSync(place, { recursive: true, force: true });
}

/** What went wrong can be looked at later. */
async function keep({ installation, place }: Life): Promise<string> {
  await installation.kill("all").catch(() => undefined);
  const kept = mkdtempSync(join(tmpdir(), "trstctl-faults-kept-"));
  mkdirSync(kept, { recursive: true });
  cpSync(place, kept, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  rmSync(place, { recursive: true, force: true });
  return `its data directory is kept in ${kept}; what it said last:\n${installation.said().slice(-2000)}`;
}

const text = (error: unknown): string =>
  error instanceof Violation
    ? `${error.kind}: ${error.message}`
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
