/** `trstctl trust`: the host's TLS root into the stores of this machine, and out of them again. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { Failure, isFailure } from "#shared/kernel/failure";
import { UsageError } from "../failures.ts";
import { detail, type Row, table } from "../output.ts";
import { dataDirectory } from "../places.ts";
import type { Terminal } from "../terminal.ts";
import { viewOf } from "../view.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { readRecord, type TrustedRoot } from "./record.ts";
import { colons, readRoot, type TrustRoot } from "./root.ts";
import { type Store, storeKinds } from "./store.ts";
import { storesOf } from "./stores.ts";
import { installIn, type Outcome, removeIn, statusIn } from "./trust.ts";

/** What the commands ask the running host for, PEM. */
export type AskTlsRoot = () => Promise<string>;

interface Asked {
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly options: Row;
  readonly askTlsRoot: AskTlsRoot;
}

interface Found {
  readonly root: TrustRoot;
  /** Of which host it is. */
  readonly from: string;
}

export async function trustInstall(asked: Asked): Promise<void> {
  const { terminal, machine, options } = asked;
  const { root, from } = await rootOf(asked);
  const stores = storesFor(machine, options);
  if (stores.length === 0)
    throw new Failure("not_found", "no store was found that is known here: start the browser once, then repeat");
  const view = await viewOf(options, { done: true });
  terminal.note(shown(root));
  terminal.note(
    `\nIt goes into:\n${indented(table(stores.map(planned), ["store", "place", "by"]))}${noteOnSudo(machine, stores)}\n`,
  );
  await confirmed("Trust it there?", "trust install", asked);
  const outcomes = await installIn(machine, stores, root, from);
  report(view.text({ root: facts(root), stores: outcomes.map(row) }), outcomes, terminal);
  if (outcomes.some(({ note }) => note === "put there"))
    terminal.note("Browsers that are open read it when they are started again. `trstctl trust remove` takes it away.");
  failIfAny(outcomes);
}

export async function trustRemove(asked: Asked): Promise<void> {
  const { terminal, machine, options } = asked;
  const data = dataDirectory(terminal.environment);
  const mine = readRecord(machine).filter(({ from }) => options["all"] === true || from === data);
  const view = await viewOf(options, { done: true });
  const stores = storesFor(machine, options);
  if (mine.length === 0) {
    const all = readRecord(machine).length;
    report(view.text({ stores: [] }), [], terminal);
    terminal.note(
      `nothing to take away: no root of ${data} was put into a store from here${all > 0 ? `; --all takes those of ${all} other hosts away` : ""}`,
    );
    return;
  }
  for (const entry of mine) terminal.note(shown(readRoot(entry.certificate)));
  const places = mine.flatMap((entry) => entry.places.map((place) => ({ place })));
  terminal.note(`\nIt is taken out of:\n${indented(table(places, ["place"]))}${noteOnSudo(machine, stores)}\n`);
  await confirmed("Take it away?", "trust remove", asked);
  const outcomes: Outcome[] = [];
  for (const entry of mine) outcomes.push(...(await removeIn(machine, stores, entry)));
  report(view.text({ stores: outcomes.map(row) }), outcomes, terminal);
  failIfAny(outcomes);
}

export async function trustStatus(asked: Asked): Promise<void> {
  const { terminal, machine, options } = asked;
  const view = await viewOf(options);
  const { root } = await rootOf(asked).catch((error: unknown) => lastInstalled(asked, error));
  const outcomes = await statusIn(storesFor(machine, options), root);
  const text = view.text({ root: facts(root), stores: outcomes.map(row) });
  if (text === undefined) terminal.note(`${shown(root)}\n`);
  report(text, outcomes, terminal);
  const without = outcomes.filter(({ state }) => state !== "trusted").length;
  if (without > 0 || outcomes.length === 0)
    throw new Failure("not_found", `${without} of ${outcomes.length} stores do not trust it: trstctl trust install`);
}

async function rootOf({ options, terminal, askTlsRoot }: Asked): Promise<Found> {
  const file = options["root"];
  if (typeof file !== "string")
    return { root: readRoot(await askTlsRoot()), from: dataDirectory(terminal.environment) };
  try {
    return { root: readRoot(readFileSync(file, "utf8")), from: resolve(file) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("misconfigured", `--root: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The host may be down; what was put into stores is known without it. @throws `error` when nothing was */
function lastInstalled({ machine, terminal }: Asked, error: unknown): Found {
  const from = dataDirectory(terminal.environment);
  const last = readRecord(machine).findLast((entry: TrustedRoot) => entry.from === from);
  if (last === undefined || !isFailure(error, "unavailable")) throw error;
  return { root: readRoot(last.certificate), from };
}

function storesFor(machine: Machine, { only }: Row): readonly Store[] {
  return storesOf(machine).filter(({ kind }) => only === undefined || kind === only);
}

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const facts = ({ name, fingerprint, names, notAfterMs }: TrustRoot): Row => ({
  name,
  fingerprint,
  names,
  not_after: new Date(notAfterMs).toISOString(),
});

const shown = (root: TrustRoot): string =>
  detail({
    root: root.name,
    "SHA-256": colons(root.fingerprint),
    "vouches for": `${root.names.join(", ")}, and addresses; no other name`,
    until: date(root.notAfterMs),
  });

const planned = ({ name, place, steps, needsRoot, missing }: Store): Row => ({
  store: name,
  place,
  by: missing ?? `${steps}${needsRoot ? " (root)" : ""}`,
});

const row = ({ store, place, state, note }: Outcome): Row => ({ store, place, state, note });

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");

function noteOnSudo({ administrator, environment }: Machine, stores: readonly Store[]): string {
  if (environment["SUDO_USER"])
    return `\n\nThis runs by sudo: the browser stores above are root's. Run it as ${environment["SUDO_USER"]}; it asks for sudo where it needs it.`;
  return !administrator && stores.some(({ needsRoot, missing }) => needsRoot && missing === undefined)
    ? "\n\nThe system's store is root's: sudo asks for your password. --only browsers leaves it out."
    : "";
}

async function confirmed(question: string, command: string, { terminal, options }: Asked): Promise<void> {
  if (options["yes"] === true) return;
  if (!terminal.interactive)
    throw new UsageError(`${command}: nobody is there to be asked; repeat it with --yes if you mean it`);
  if (!(await terminal.confirm(question))) throw new UsageError(`${command}: not confirmed, nothing was done`);
}

function report(text: string | undefined, outcomes: readonly Outcome[], terminal: Terminal): void {
  if (text !== undefined) terminal.out(text);
  else if (outcomes.length > 0) terminal.out(table(outcomes.map(row), ["store", "state", "note", "place"]));
}

function failIfAny(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter((one) => one.failed);
  if (failed.length > 0)
    throw new Failure(
      "unavailable",
      `${failed.length} of ${outcomes.length} stores could not be changed:\n${failed.map(({ store, note }) => `  - ${store}: ${note}`).join("\n")}`,
    );
}

export function addTrustCommands(program: Command, terminal: Terminal, askTlsRoot: AskTlsRoot): void {
  const group = program.command("trust");
  const machine = thisMachine(terminal.environment, terminal.interactive);
  const only = () => new Option("--only <kind>", "these stores alone").choices(storeKinds);
  const yes = ["-y, --yes", "do not ask"] as const;
  const root = ["--root <file>", "root of another host, PEM; default: that of the running host"] as const;
  const add = (name: string, description: string, work: (asked: Asked) => Promise<void>): Command => {
    const command: Command = group
      .command(name)
      .description(description)
      .addOption(only())
      .action(() => work({ terminal, machine, options: command.optsWithGlobals(), askTlsRoot }));
    return command;
  };
  add("install", "Put the host's TLS root into the stores of the system and of browsers", trustInstall)
    .option(...root)
    .option(...yes);
  add("remove", "Take away what `trust install` put there", trustRemove)
    .option("--all", "roots of all hosts that were put there from here")
    .option(...yes);
  add("status", "Show which stores trust the host's TLS root; fails when one does not", trustStatus).option(...root);
}
