/** For tests: a machine in a directory, whose programs are small scripts that write down how they were called. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Machine } from "#cli/trust/machine";

export interface FakeMachine {
  readonly machine: Machine;
  /** A file or, ending with `/`, a directory below the machine's root. */
  put(path: string, content?: string): string;
  /** @param body of a POSIX shell script; `$ROOT` is the machine's root */
  program(name: string, body?: string): void;
  /** How programs were called, a line for each; temporary files as `DRAFT`, the machine's root as nothing. */
  calls(): readonly string[];
}

/** Of the real machine, for the scripts. */
const borrowed = ["sh", "cat", "cp", "install", "rm", "mkdir", "touch", "cut", "tr", "grep"];

export function fakeMachine(over: Partial<Machine> = {}): FakeMachine {
  const filesystem = mkdtempSync(join(tmpdir(), "machine-"));
  onTestFinished(() => rmSync(filesystem, { recursive: true, force: true }));
  const home = join(filesystem, "home", "ann");
  const programs = join(filesystem, "programs");
  const log = join(filesystem, "calls");
  for (const directory of [home, programs]) mkdirSync(directory, { recursive: true });
  for (const name of borrowed)
    symlinkSync(
      execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim(),
      join(programs, name),
    );
  return {
    machine: {
      platform: "linux",
      environment: { PATH: programs, HOME: home, ROOT: filesystem, CALLS: log },
      home,
      filesystem,
      administrator: false,
      interactive: false,
      ...over,
    },
    put(path, content = "") {
      const whole = join(filesystem, path);
      mkdirSync(path.endsWith("/") ? whole : dirname(whole), { recursive: true });
      if (!path.endsWith("/")) writeFileSync(whole, content);
      return whole;
    },
    program(name, body = "") {
      const path = name.includes("/") ? join(filesystem, name) : join(programs, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(
        path,
        `#!/bin/sh\necho "$(basename "$0") $*" >> "$CALLS"\n${body}\n`.replace(
          '$(basename "$0")',
          name.split("/").at(-1) ?? "",
        ),
      );
      chmodSync(path, 0o755);
    },
    calls: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .trimEnd()
            .split("\n")
            .map((line) =>
              line
                .replaceAll(/\S*\/trstctl-\w+\/root\.pem/g, "DRAFT")
                .replaceAll(`${programs}/`, "")
                .replaceAll(filesystem, ""),
            )
        : [],
  };
}

/** NSS's certutil as far as we call it: a database is a directory, a certificate a file in it. */
export const fakeCertutil = `
for word; do case "$was" in -d) db="\${word#sql:}";; -n) nick="$word";; -i) file="$word";; esac; was="$word"; done
case "$1" in
  -N) touch "$db/cert9.db" ;;
  -A) cp "$file" "$db/$nick" ;;
  -L) cat "$db/$nick" ;;
  -D) rm "$db/$nick" ;;
esac`;
