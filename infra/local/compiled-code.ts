/**
 * Compiled code is kept beside the code: signer and host then start in half the time and without the type stripper (25 MB
 * each). Code comes out of this cache, so the host must not write what a later host runs. Node's permission model wants
 * the cache writable all the same: the host gets a copy that dies with it, and what is kept is what it had compiled when
 * it was ready, before it answered anybody.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { cloneRoot, type Places } from "./places.ts";

const cache = join(cloneRoot, "node_modules", ".cache");
/** Also the CLI's and the supervisor's (cli/trstctl.mjs): all of them run as who started them. */
export const sharedCompiled = join(cache, "trstctl");

/** Where the host keeps what it compiles. */
export const hostCompiled = ({ run }: Places): string => join(run, "compiled");

const ownCode = ["shared", "events", "signer", "functions", "infra", "toolchain", "package-lock.json"];

const hostCache = join(cache, "trstctl-host");

/** Changes with the code: what was compiled from another is of no use. */
function stampOfCode(): string {
  const seen = [process.version];
  const note = (path: string): void => {
    const { mtimeMs, size } = statSync(path);
    seen.push(`${path} ${mtimeMs} ${size}`);
  };
  for (const place of ownCode) {
    const path = join(cloneRoot, place);
    if (!existsSync(path)) continue;
    if (statSync(path).isDirectory())
      for (const name of readdirSync(path, { recursive: true }) as string[])
        if (/\.(ts|mjs)$/.test(name)) note(join(path, name));
    if (statSync(path).isFile()) note(path);
  }
  return sha256Hex(seen.join("\n")).slice(0, 16);
}

/** Before a host starts. A clone that may not be written to has no cache, and that is no error. @returns where it is kept for this code */
export function lendCompiled(places: Places, keptIn = hostCache): string {
  const lent = hostCompiled(places);
  rmSync(lent, { recursive: true, force: true });
  mkdirSync(lent, { recursive: true, mode: 0o700 });
  const kept = join(keptIn, stampOfCode());
  if (existsSync(kept)) cpSync(kept, lent, { recursive: true });
  return kept;
}

/** When a host is ready: kept once for the code that it started with, instead of what was kept for another. */
export function keepCompiled(places: Places, kept: string): void {
  if (existsSync(kept)) return;
  const unfinished = `${kept}.${process.pid}`;
  try {
    rmSync(dirname(kept), { recursive: true, force: true });
    cpSync(hostCompiled(places), unfinished, { recursive: true });
    renameSync(unfinished, kept);
  } catch {
    // Read-only, or another supervisor of this clone was first.
    rmSync(unfinished, { recursive: true, force: true });
  }
}
