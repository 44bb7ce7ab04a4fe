/** Where a backup is written to, and what a killed one left there. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "#shared/kernel/failure";
import type { Places } from "../places.ts";
import type { Manifest } from "./records.ts";

const prefixOf = ({ installation }: Manifest): string => `trstctl-${installation}`;

export const taken = (file: string): Failure =>
  new Failure("conflict", `there is a file ${file} already, and a backup writes over nothing; name another with --to`);

/** @param to a file that does not exist, or a directory that does */
export function targetFile(to: string, manifest: Manifest): string {
  const path = resolve(to);
  const stat = statSync(path, { throwIfNoEntry: false });
  const stamp = manifest.taken_at.replaceAll(/[-:]|\.\d+/g, "");
  if (stat?.isDirectory() === true) return join(path, `${prefixOf(manifest)}-${stamp}.backup`);
  if (stat !== undefined) throw taken(path);
  if (!existsSync(dirname(path)))
    throw new Failure("misconfigured", `there is no directory ${dirname(path)} to write the backup to; make it first`);
  return path;
}

/** What a backup is kept apart from would be lost, or taken, with it. @throws Failure `misconfigured` */
export function assertApart(file: string, { data, run }: Places, what: string): void {
  const inside = [data, run].find((place) => `${resolve(file)}/`.startsWith(`${place}/`));
  if (inside !== undefined)
    throw new Failure("misconfigured", `${what} ${resolve(file)} would lie in ${inside}; name a place outside`);
}

/** Drafts for this file or of this installation whose process is gone. */
export function removeAbandoned(file: string, manifest: Manifest): void {
  for (const name of readdirSync(dirname(file))) {
    const [, pid] = /[.](\d+)[.]partial$/.exec(name) ?? [];
    const ours = name.startsWith(`${basename(file)}.`) || name.startsWith(`${prefixOf(manifest)}-`);
    if (pid !== undefined && ours && !isAlive(Number(pid))) rmSync(join(dirname(file), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false; // not us: we have not begun
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
