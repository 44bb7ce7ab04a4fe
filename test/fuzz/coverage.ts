/** What has been reached of the parser's files, over all inputs so far. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { root } from "../../toolchain/runtime.mjs";
import { type Branch, instrument } from "./instrument.ts";

declare global {
  /** One counter a branch; each input begins at zero. */
  var __branches: Uint8Array;
}

const most = 1 << 14;

export interface FileCoverage {
  readonly file: string;
  /** `file:line what` and whether an input reached it. */
  readonly branches: readonly { readonly where: string; readonly reached: boolean }[];
}

export interface Coverage {
  /** Forgets what the last input reached. */
  clear(): void;
  /** Adds what the last input reached. @returns whether it was something new: a branch, or a branch much more often */
  learn(): boolean;
  /** Numbers of the branches that the last input reached. */
  reached(): number[];
  covered(): number;
  total(): number;
  /** Branches in the order of each file, whether reached or not. */
  byFile(): FileCoverage[];
}

/** Like AFL: how often matters by the order of magnitude. */
const bucket = Uint8Array.from({ length: 256 }, (_, n) =>
  n < 4 ? ([0, 1, 2, 4][n] ?? 0) : n < 8 ? 8 : n < 16 ? 16 : n < 32 ? 32 : n < 128 ? 64 : 128,
);

/**
 * Instruments these files in this thread. Call it before anything imports them.
 * @param files paths below the root
 */
export function coverFiles(files: readonly string[]): Coverage {
  const urls = new Map(files.map((file) => [new URL(file, `file://${root}/`).href, file]));
  const branches: (Branch & { readonly file: string })[] = [];
  const seen = new Uint8Array(most);
  globalThis.__branches = new Uint8Array(most);
  registerHooks({
    load(url, context, nextLoad) {
      const file = urls.get(url);
      if (file === undefined) return nextLoad(url, context);
      const made = instrument(readFileSync(fileURLToPath(url), "utf8"), branches.length);
      branches.push(...made.branches.map((branch) => ({ ...branch, file })));
      if (branches.length > most) throw new Error(`more than ${most} branches to count`);
      return { format: "module", source: made.source, shortCircuit: true };
    },
  });
  return {
    clear: () => void globalThis.__branches.fill(0, 0, branches.length),
    learn() {
      const hits = globalThis.__branches;
      let news = false;
      for (let i = 0; i < branches.length; i++) {
        const hit = hits[i] as number;
        if (hit === 0) continue;
        const bit = bucket[hit] as number;
        if (((seen[i] as number) & bit) !== 0) continue;
        seen[i] = (seen[i] as number) | bit;
        news = true;
      }
      return news;
    },
    reached: () => branches.flatMap((_, i) => (globalThis.__branches[i] === 0 ? [] : [i])),
    covered: () => branches.reduce((sum, _, i) => sum + (seen[i] === 0 ? 0 : 1), 0),
    total: () => branches.length,
    byFile: () =>
      [...Map.groupBy(branches.entries(), ([, { file }]) => file)].map(([file, own]) => ({
        file,
        branches: own.map(([i, { line, what }]) => ({ where: `${file}:${line} ${what}`, reached: seen[i] !== 0 })),
      })),
  };
}
