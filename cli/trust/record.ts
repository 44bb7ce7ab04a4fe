/** What was put into which store, for the day on which it is taken away again: the host may be gone by then. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { Failure } from "#shared/kernel/failure";
import type { Machine } from "./machine.ts";

const entry = z.strictObject({
  /** SHA-256, lower-case hex. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  certificate: z.string(),
  /** Of the host: its data directory, or the file that `--root` named. */
  from: z.string(),
  places: z.array(z.string()),
});
const recordFile = z.strictObject({ roots: z.array(entry) });
export type TrustedRoot = z.output<typeof entry>;

const pathOf = ({ home, environment }: Machine): string =>
  join(environment["XDG_CONFIG_HOME"] || join(home, ".config"), "trstctl", "trusted-roots.json");

/** @throws Failure `corrupt` when it is there and not what was written */
export function readRecord(machine: Machine): readonly TrustedRoot[] {
  const path = pathOf(machine);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure("corrupt", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    return recordFile.parse(JSON.parse(text)).roots;
  } catch (cause) {
    throw new Failure("corrupt", `${path} is not what trstctl trust wrote: move it away; stores keep what is in them`, {
      cause,
    });
  }
}

/** Roots that are in no place any more are forgotten. */
export function writeRecord(machine: Machine, roots: readonly TrustedRoot[]): void {
  const path = pathOf(machine);
  const kept = roots.filter(({ places }) => places.length > 0);
  if (kept.length === 0) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify({ roots: kept }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
