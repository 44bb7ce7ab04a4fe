/** What is done to the installation while its clients are at work; one line each. When `strike` returns, it is over. */
import { existsSync, openSync, closeSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deepCut } from "./deep-cut.ts";
import { type Injector, tear } from "./injector.ts";
import { freePorts, type Installation } from "./installation.ts";
import type { Ledger } from "./ledger.ts";
import { pause, type Random } from "./random.ts";
import { wrong } from "./violation.ts";

export interface Scene {
  /** Where everything of the installation lies. */
  readonly place: string;
  readonly installation: Installation;
  readonly ledger: Ledger;
  readonly injector: Injector;
  readonly random: Random;
  readonly note: (what: string) => void;
}

export interface Fault {
  readonly name: string;
  /** How often it stands in the deck that rounds draw from. */
  readonly weight: number;
  strike(scene: Scene): Promise<void>;
}

const hourMs = 3_600_000;

async function restart({ installation }: Scene, part: "supervisor" | "all"): Promise<void> {
  await installation.kill(part);
  await installation.start();
}

async function killChild({ installation }: Scene, part: "host" | "signer"): Promise<void> {
  await installation.kill(part);
  await installation.ready();
}

/** Everything ends at once, and what was never synced is lost or garbled. */
async function powerCut({ installation, injector, random, note }: Scene): Promise<void> {
  await installation.kill("all");
  for (const range of injector.unsynced(installation.data)) note(tear(range, random));
  injector.forget();
  await installation.start();
}

/** Behind the end of what is appended to stands what a write left that never came to its end. */
async function tornTails({ installation, random, note }: Scene): Promise<void> {
  await installation.kill("all");
  for (const path of [join(installation.data, "host", "store.db-wal"), join(installation.data, "signer", "journal")]) {
    if (!existsSync(path)) continue;
    // No line feed: whole lines that do not fit are tampering, and refused.
    const garbage = Buffer.from(Array.from({ length: random.between(1, 5000) }, () => random.between(32, 255)));
    const file = openSync(path, "r+");
    writeSync(file, garbage, 0, garbage.length, statSync(path).size);
    closeSync(file);
    note(`${path}: ${garbage.length} bytes of garbage behind its end`);
  }
  await installation.start();
}

async function diskFull({ installation, injector, random, note }: Scene): Promise<void> {
  const full = random.pick(["all", "store"] as const);
  note(`full: ${full}`);
  injector.setDiskFull(full);
  try {
    await pause(random.between(100, 500));
    if (random.chance(0.3)) await installation.kill("all");
  } finally {
    injector.setDiskFull("none");
  }
  if (installation.runs()) await installation.ready();
  else await installation.start();
}

async function signerSlow({ installation, random }: Scene): Promise<void> {
  const signer = await installation.pid("signer");
  for (let n = random.between(1, 6); n > 0; n--) {
    process.kill(signer, "SIGSTOP");
    await pause(random.between(20, 150));
    process.kill(signer, "SIGCONT");
    await pause(random.between(5, 40));
  }
}

/** The supervisor is stopped, so that nobody brings the signer back. */
async function signerDown({ installation, random }: Scene): Promise<void> {
  const supervisor = await installation.pid("supervisor");
  process.kill(supervisor, "SIGSTOP");
  try {
    await installation.kill("signer");
    await pause(random.between(100, 500));
  } finally {
    process.kill(supervisor, "SIGCONT");
  }
  await installation.ready();
}

/** The clock jumps while everything runs, and the next start may be at another time again. */
async function clockJump(scene: Scene): Promise<void> {
  const { injector, random, note, installation } = scene;
  for (let n = random.between(1, 3); n > 0; n--) {
    const ms = random.between(-2 * hourMs, 2 * hourMs);
    injector.setClock(ms);
    note(`the clock jumps to ${Math.round(ms / 1000)} s from ours`);
    await pause(random.between(50, 200));
  }
  if (random.chance(0.3)) {
    // A host that starts in the future serves a certificate that we, who know the time, cannot accept.
    injector.setClock(-random.between(0, 2 * hourMs));
    await restart(scene, "all");
  }
  injector.setClock(0);
  await installation.ready();
}

/** A second installation on the same data directory says so and goes, and the first does not notice. */
async function secondHost({ installation }: Scene): Promise<void> {
  const before = [await installation.pid("host"), await installation.pid("signer")];
  const { code, output } = await installation.run(["up"], await freePorts());
  if (code !== 1 || !output.includes("is in use by another trstctl; stop that one, or set TRSTCTL_DATA_DIR"))
    wrong(`a second host on the data directory ended with ${code}: ${output.slice(0, 500)}`);
  const after = [await installation.pid("host"), await installation.pid("signer")];
  if (before.join() !== after.join()) wrong("the first host was started again because of a second one");
}

export const faults: readonly Fault[] = [
  { name: "kill-supervisor", weight: 2, strike: (scene) => restart(scene, "supervisor") },
  { name: "kill-all", weight: 2, strike: (scene) => restart(scene, "all") },
  { name: "kill-host", weight: 3, strike: (scene) => killChild(scene, "host") },
  { name: "kill-signer", weight: 3, strike: (scene) => killChild(scene, "signer") },
  { name: "power-cut", weight: 4, strike: powerCut },
  { name: "torn-tails", weight: 2, strike: tornTails },
  { name: "disk-full", weight: 3, strike: diskFull },
  { name: "signer-slow", weight: 1, strike: signerSlow },
  { name: "signer-down", weight: 2, strike: signerDown },
  { name: "clock-jump", weight: 2, strike: clockJump },
  { name: "deep-cut", weight: 2, strike: deepCut },
  { name: "second-host", weight: 1, strike: secondHost },
];
