import type { ArchiveReport } from "./verify.ts";

/** For a person: what it is of, and everything that is wrong with it. */
export function archiveText(report: ArchiveReport): string {
  const { tenant, first, size, events, pruned, checkpoints, holds, faults } = report;
  const extent = `tenant ${tenant ?? "-"}: ${events} events (${first} to ${size} of the log), ${checkpoints} checkpoints`;
  const text = pruned > 0 ? `${extent}; ${pruned} of the events are pruned, only their hashes are here` : extent;
  if (holds) return `${text}: everything holds`;
  return [`${text}: NOT as it was signed`, ...faults.map(({ where, problem }) => `  ${where}: ${problem}`)].join("\n");
}
