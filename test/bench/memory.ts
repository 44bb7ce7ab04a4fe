import type { Goal, Line } from "./figure.ts";
import type { Processes } from "./host.ts";
import { proportionalBytes, residentBytes } from "./process-usage.ts";

const megabyte = 1e6;
const sum = (bytes: readonly number[]): number => bytes.reduce((total, one) => total + one, 0) / megabyte;

/**
 * What the processes hold together. The goal is for the pages that the machine gives: RSS counts those that the three
 * share (one Node binary) three times.
 */
export function memoryLines(figure: string, goal: Goal, { supervisor, signer, host }: Processes): readonly Line[] {
  const each = [supervisor, signer, host];
  const shared = each.map(proportionalBytes).filter((bytes) => bytes !== undefined);
  if (shared.length !== each.length) throw new Error("/proc/<pid>/smaps_rollup cannot be read here");
  return [
    { figure, unit: "MB", goal, samples: [sum(shared)] },
    { figure: `${figure}_rss`, unit: "MB", samples: [sum(each.map(residentBytes))] },
    ...Object.entries({ supervisor, signer, host }).map(([name, pid]) => ({
      figure: `${figure}_${name}`,
      unit: "MB",
      samples: [residentBytes(pid) / megabyte],
    })),
  ];
}
