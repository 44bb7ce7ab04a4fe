/** The kept inputs of a target: one base64 line each in `corpus/<target>.txt`; a line after `#` says why it is there. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../toolchain/runtime.mjs";

const fileOf = (target: string): string => join(root, "test", "fuzz", "corpus", `${target}.txt`);

export interface Kept {
  readonly bytes: Uint8Array;
  /** Of a finding: what it was. These stay whatever they reach. */
  readonly why: string | undefined;
}

export function readCorpus(target: string): Kept[] {
  if (!existsSync(fileOf(target))) return [];
  const kept: Kept[] = [];
  let why: string | undefined;
  for (const line of readFileSync(fileOf(target), "utf8").split("\n").slice(0, -1)) {
    if (line.startsWith("# ")) why = line.slice(2);
    else {
      kept.push({ bytes: new Uint8Array(Buffer.from(line, "base64")), why });
      why = undefined;
    }
  }
  return kept;
}

export function writeCorpus(target: string, kept: readonly Kept[]): void {
  const lines = kept.map(
    ({ bytes, why }) => `${why === undefined ? "" : `# ${why}\n`}${Buffer.from(bytes).toString("base64")}\n`,
  );
  writeFileSync(fileOf(target), lines.join(""));
}

/** What one input reaches: numbers of branches. */
export interface Reach {
  readonly bytes: Uint8Array;
  readonly branches: readonly number[];
}

/** As few bytes as reach all that these reach, by taking what adds most for its length; the findings of before first. */
export function minimise(inputs: readonly Reach[], findings: readonly Kept[], maxBytes: number): Kept[] {
  const kept: Kept[] = [...findings];
  const reached = new Set<number>();
  let left = [...inputs];
  let room = maxBytes;
  while (left.length > 0) {
    const rated = left
      .map((input) => ({ input, adds: input.branches.filter((branch) => !reached.has(branch)).length }))
      .filter(({ input, adds }) => adds > 0 && input.bytes.length <= room);
    const best = rated.toSorted(
      (a, b) => b.adds / (b.input.bytes.length + 16) - a.adds / (a.input.bytes.length + 16),
    )[0];
    if (best === undefined) break;
    for (const branch of best.input.branches) reached.add(branch);
    room -= best.input.bytes.length;
    kept.push({ bytes: best.input.bytes, why: undefined });
    left = rated.map(({ input }) => input).filter((input) => input !== best.input);
  }
  return kept;
}
