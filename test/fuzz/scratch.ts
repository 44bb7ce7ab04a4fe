/** Where targets put the files that they have read: in memory where there is such a place. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerData } from "node:worker_threads";
import type { Job } from "./messages.ts";

export const makeScratch = (): string =>
  mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "trstctl-fuzz-"));

export const removeScratch = (directory: string): void => rmSync(directory, { recursive: true, force: true });

let own: string | undefined;

/** One for all targets of a thread. A thread that is ended runs nothing at its end: who started it made it, and removes it. */
export function scratch(): string {
  const given = (workerData as Partial<Job> | null)?.scratch;
  if (given !== undefined) return given;
  if (own !== undefined) return own;
  const made = makeScratch();
  process.once("exit", () => removeScratch(made));
  own = made;
  return made;
}
