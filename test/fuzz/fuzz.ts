/** `npm run fuzz [-- --target <name> --inputs <n> …]`: fuzzes every target, each in a thread that is watched. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../toolchain/runtime.mjs";
import type { FileCoverage } from "./coverage.ts";
import type { Done } from "./messages.ts";
import { targets } from "./registry.ts";
import { runTarget } from "./watched.ts";

const usage = `npm run fuzz -- [--target <name>]… [--inputs <n>] [--seed <n>] [--keep] [--missed] [--json]
  --target <name>  ${targets.map(({ name }) => name).join(", ")}; default all
  --inputs <n>     for each target; default 500000
  --seed <n>       default 1: the same changes in the same order
  --keep           writes the smallest corpus that reaches the same branches to test/fuzz/corpus/
  --missed         lists the branches that no input reached
  --json           one JSON object a line
`;

/** Beyond what a corpus of thousands of inputs and caches of compiled expressions explain. */
export const mostGrowth = 24 * 1024 * 1024;
const registry = new URL("./registry.ts", import.meta.url).href;
const findingsFolder = join(root, ".cache", "fuzz");

/** @returns the exit code: 0, 1 when there is a finding, 2 for wrong arguments */
export async function fuzz(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${usage}`);
    return 2;
  }
  let failed = 0;
  const overall = together();
  const chosen = targets.filter(({ name }) => options.names.length === 0 || options.names.includes(name));
  for (const { name } of chosen) {
    const { findings, done } = await runTarget({ registry, target: name, ...options });
    for (const { input, problem } of findings) {
      const file = keepFinding(name, input);
      process.stdout.write(`FOUND ${name}: ${file}\n${problem}\n`);
    }
    const grown = (done?.growth ?? 0) > mostGrowth;
    if (grown) process.stdout.write(`FOUND ${name}: the heap grew by ${done?.growth} bytes\n`);
    if (done === undefined || findings.length > 0 || grown) failed++;
    if (done !== undefined) process.stdout.write(options.json ? jsonLine(name, done) : tableLine(name, done));
    overall.add(done?.files ?? []);
  }
  const { covered, total, missed } = overall.sum();
  if (options.missed) for (const branch of missed) process.stdout.write(`  not reached: ${branch}\n`);
  process.stdout.write(`together ${covered} of ${total} branches in ${overall.files()} files\n`);
  process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** A file that several targets reach: what any of them reached counts. */
function together() {
  const byFile = new Map<string, FileCoverage["branches"]>();
  return {
    add(files: readonly FileCoverage[]): void {
      for (const { file, branches } of files) {
        const before = byFile.get(file);
        const merged = branches.map(({ where, reached }, i) => ({
          where,
          reached: reached || before?.[i]?.reached === true,
        }));
        byFile.set(file, merged);
      }
    },
    files: () => byFile.size,
    sum() {
      const all = [...byFile.values()].flat();
      const missed = all.filter(({ reached }) => !reached).map(({ where }) => where);
      return { covered: all.length - missed.length, total: all.length, missed };
    },
  };
}

function keepFinding(target: string, input: Uint8Array): string {
  mkdirSync(findingsFolder, { recursive: true });
  const file = join(findingsFolder, `${target}-${createHash("sha256").update(input).digest("hex").slice(0, 12)}`);
  writeFileSync(file, `${Buffer.from(input).toString("base64")}\n`);
  return file;
}

const percent = ({ covered, total }: Done): string => `${((100 * covered) / total).toFixed(1)} %`;

const tableLine = (name: string, done: Done): string =>
  `${name.padEnd(22)} ${String(done.inputs).padStart(8)} inputs ${done.seconds.toFixed(0).padStart(5)} s  branches ${done.covered}/${done.total} (${percent(done)})  corpus ${done.corpus}  heap ${(done.growth / 2 ** 20).toFixed(1)} MB  slowest ${done.slowestMs.toFixed(0)} ms\n`;

function jsonLine(name: string, { files: _, ...done }: Done): string {
  return `${JSON.stringify({ target: name, ...done })}\n`;
}

interface Options {
  readonly names: readonly string[];
  readonly inputs: number;
  readonly seed: number;
  readonly keep: boolean;
  readonly missed: boolean;
  readonly json: boolean;
}

/** @returns what is wrong with the arguments, as a text */
function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        target: { type: "string", multiple: true },
        inputs: { type: "string" },
        seed: { type: "string" },
        keep: { type: "boolean" },
        missed: { type: "boolean" },
        json: { type: "boolean" },
      },
    });
    const { target: names = [], inputs = "500000", seed = "1", keep = false, missed = false, json = false } = values;
    const unknown = names.find((name) => !targets.some((entry) => entry.name === name));
    if (unknown !== undefined) return `there is no target ${unknown}`;
    if (!/^[1-9]\d{0,9}$/.test(inputs) || !/^\d{1,9}$/.test(seed)) return "--inputs and --seed are whole numbers";
    return { names, inputs: Number(inputs), seed: Number(seed), keep, missed, json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
