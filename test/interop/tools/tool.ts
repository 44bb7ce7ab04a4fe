/** A program that we did not write, pinned, and got from a package registry by the suite itself. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "#test/run";
import { root } from "../../../toolchain/runtime.mjs";

export interface Tool {
  readonly name: string;
  /** The pinned one: what `install` puts there. */
  readonly version: string;
  /** Into a directory that is empty. @throws Error when a registry does not answer or the tool does not build */
  install(directory: string): Promise<void>;
  /** The version of what is there and will do; undefined when nothing is. */
  probe(directory: string): Promise<string | undefined>;
}

/** Where a tool lies; kept from run to run, ignored by git. */
export const directoryOf = ({ name, version }: Tool): string =>
  join(root, ".cache", "interop", `${name}-${version.replace(/^v/, "")}`);

/** @returns the version @throws Error when it cannot be had: a suite without its tool fails, it is never skipped */
export async function install(tool: Tool): Promise<string> {
  const directory = directoryOf(tool);
  const before = await tool.probe(directory);
  if (before !== undefined) return before;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await tool.install(directory);
  const now = await tool.probe(directory);
  if (now === undefined)
    throw new Error(`${tool.name} ${tool.version} was installed into ${directory}, and is not there`);
  return now;
}

/** A virtual environment with packages pinned as `name==version`; Python is there or comes from Debian. */
export async function pythonEnvironment(directory: string, requirements: readonly string[]): Promise<void> {
  const made = await run("python3", ["-m", "venv", directory]);
  if (made.code !== 0) {
    await fromDebian("python3", "python3-venv");
    await succeed("python3", ["-m", "venv", "--clear", directory]);
  }
  await succeed(join(directory, "bin", "pip"), ["install", "--quiet", ...requirements]);
}

/** Needs root or sudo. Suites that run at the same time wait for each other: apt does not, and fails. */
export async function fromDebian(...packages: readonly string[]): Promise<void> {
  const inTurn = ["flock", "/var/lock/trstctl-apt.lock", "apt-get"];
  const apt = process.getuid?.() === 0 ? inTurn : ["sudo", ...inTurn];
  for (const words of [
    ["update", "-q"],
    ["install", "-qy", "--no-install-recommends", ...packages],
  ]) {
    const [program = "", ...rest] = [...apt, ...words];
    await succeed(program, rest);
  }
}
