/** The machine whose stores are meant: its programs and files. Tests give their own directory and PATH. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: Environment;
  readonly home: string;
  /** What stands for `/`. */
  readonly filesystem: string;
  /** User 0: nothing needs sudo. */
  readonly administrator: boolean;
  /** Somebody can type a password. */
  readonly interactive: boolean;
}

export const thisMachine = (environment: Environment, interactive: boolean): Machine => ({
  platform: process.platform,
  environment,
  home: environment["HOME"] || homedir(),
  filesystem: "/",
  administrator: process.getuid?.() === 0,
  interactive,
});

/** Administrators' programs are often on their PATH alone. */
const furtherPlaces = ["/usr/sbin", "/sbin"];

const searched = ({ environment, filesystem }: Machine): readonly string[] => [
  ...(environment["PATH"] ?? "").split(delimiter).filter(Boolean),
  ...(filesystem === "/" ? furtherPlaces : []),
];

/** @returns the path of a program; undefined when there is none of that name */
export function find(machine: Machine, program: string): string | undefined {
  const suffix = machine.platform === "win32" ? ".exe" : "";
  return searched(machine)
    .map((directory) => join(directory, program + suffix))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface Ended {
  readonly ok: boolean;
  /** On standard output. */
  readonly said: string;
  /** What it complained of, on one line. */
  readonly complaint: string;
}

/** Words go to the program as they are: no shell reads them. @param path from `find` */
export async function run({ environment }: Machine, path: string, words: readonly string[]): Promise<Ended> {
  const child = spawn(path, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...environment } });
  let said = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({
        ok: code === 0,
        said,
        complaint: (complaint.trim() || said.trim() || `it ended with ${code ?? signal}`).replaceAll(/\s*\n\s*/g, "; "),
      }),
    );
  });
}

/** @throws Failure `unavailable` with what the program complained of */
export async function succeed(machine: Machine, path: string, words: readonly string[]): Promise<string> {
  const { ok, said, complaint } = await run(machine, path, words);
  if (!ok) throw new Failure("unavailable", `${[path, ...words].join(" ")}: ${complaint.slice(0, 300)}`);
  return said;
}

/** How root's work is done here: `[]` by root itself. @throws Failure `forbidden` where nobody can */
export function asRoot(machine: Machine): readonly string[] {
  if (machine.administrator) return [];
  const sudo = find(machine, "sudo");
  if (sudo === undefined)
    throw new Failure(
      "forbidden",
      "it needs root, and there is no sudo; as root run: npx trstctl trust install --only system",
    );
  return machine.interactive ? [sudo] : [sudo, "-n"];
}
