/** Completion by the shells themselves; bash's is in `cli/completion.test.ts`. */
import { execFileSync } from "node:child_process";
import type { Command } from "commander";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { completionScript } from "#cli/completion";
import { fakeTerminal } from "#cli/fake-host";
import { programFor } from "#cli/program";

const directory = mkdtempSync(join(tmpdir(), "completion-"));
afterAll(() => rmSync(directory, { recursive: true }));

const program = await programFor([], fakeTerminal({}));

const places = (command: Command, path: readonly string[] = []): readonly (readonly [readonly string[], Command])[] => [
  [path, command],
  ...command.commands.flatMap((below) => places(below, [...path, below.name()])),
];

const expected = (command: Command) => ({
  commands: command.commands.map((below) => below.name()).toSorted(),
  options: [
    ...new Set(
      [...command.options, ...program.options].filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []),
    ),
  ].toSorted(),
});

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

test("fish offers at every place its commands and its options, and nothing else", () => {
  const all = places(program);
  const asked = all.flatMap(([path]) => [`trstctl ${[...path, ""].join(" ")}`, `trstctl ${[...path, "--"].join(" ")}`]);
  const script = [completionScript("fish", program), ...asked.map((line) => `complete -C '${line}'; echo ===`), "true"];
  // From a file: fish reads no script from a socket, which our pipes are.
  const file = join(directory, "asked.fish");
  writeFileSync(file, script.join("\n"));
  const answers = execFileSync("fish", ["--no-config", file], { encoding: "utf8" }).split("===\n");
  for (const [at, [path, command]] of all.entries()) {
    const { commands, options } = expected(command);
    const offered = (text = ""): string[] => lines(text).map((line) => line.split("\t")[0] ?? "");
    if (commands.length > 0) expect(offered(answers[2 * at]).toSorted(), path.join(" ")).toEqual(commands);
    expect([...new Set(offered(answers[2 * at + 1]))].toSorted(), path.join(" ")).toEqual(options);
  }
});

test("zsh offers at every place its commands and its options, and nothing else", () => {
  const all = places(program);
  const script = [
    "compdef() { :; }; compadd() { shift; print -r -- $*; }; _files() { print -r -- FILES; }",
    completionScript("zsh", program),
    ...all.map(([path]) => `words=(trstctl ${path.join(" ")} ''); CURRENT=$#words; _trstctl`),
  ];
  const answers = lines(execFileSync("zsh", ["-f", "-s"], { input: script.join("\n"), encoding: "utf8" }));
  expect(answers).toHaveLength(all.length);
  for (const [at, [path, command]] of all.entries()) {
    const { commands, options } = expected(command);
    expect([...new Set(answers[at]?.split(" "))].toSorted(), path.join(" ")).toEqual(
      [...commands, ...options].toSorted(),
    );
  }
});

test("a person at zsh types the beginning and the tabulator", () => {
  const typed = "trstctl certificates iss\\t --ou\\t\\n";
  const script = [
    "zmodload zsh/zpty",
    "zpty shell 'TERM=dumb zsh -f -i'",
    // Within it the command says what it was called with.
    `zpty -w shell 'PROMPT=; autoload -Uz compinit; compinit -u -D; source =(print -r -- $SCRIPT); trstctl() { print -r -- "CALLED <$*>"; }; print READY'`,
    "while zpty -r shell line; do [[ $line == READY* ]] && break; done",
    `zpty -w -n shell $'${typed}'`,
    "while zpty -r shell line; do [[ $line == *'CALLED <'* ]] && { print -r -- $line; break; }; done",
  ];
  const env = { ...process.env, SCRIPT: completionScript("zsh", program) };
  const told = execFileSync("zsh", ["-f", "-s"], { input: script.join("\n"), encoding: "utf8", env, timeout: 30_000 });
  expect(told).toContain("CALLED <certificates issue --out>");
});
