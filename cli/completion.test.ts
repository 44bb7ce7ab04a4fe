import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { completionScript, shells } from "./completion.ts";
import { fakeTerminal } from "./fake-host.ts";
import { programFor, run } from "./program.ts";

const program = await programFor([], fakeTerminal({}));

async function printed(shell: string): Promise<string> {
  const terminal = fakeTerminal({});
  expect(await run(["completion", shell], terminal)).toBe(0);
  return terminal.outText();
}

const places = (command: Command, path: readonly string[] = []): readonly (readonly [readonly string[], Command])[] => [
  [path, command],
  ...command.commands.flatMap((below) => places(below, [...path, below.name()])),
];

/** What bash offers after each of the lines, the last word being the one that is completed. */
async function offeredByBash(lines: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
  const script = await printed("bash");
  const asked = lines.map(
    (line) => `COMP_WORDS=(trstctl ${line.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${line.length}; offer`,
  );
  const offer = `offer() { "$completer"; echo "\${COMPREPLY[*]}"; }`;
  // As bash has registered it: `complete -o default -F <function> trstctl`.
  const registered = `completer=$(complete -p trstctl); completer=\${completer##*-F }; completer=\${completer%% *}`;
  const text = execFileSync("bash", ["--norc", "-s"], {
    input: ["set -e", script, registered, offer, ...asked].join("\n"),
    encoding: "utf8",
  });
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" ").filter((word) => word !== ""));
}

describe("completion bash, run by bash", () => {
  test("offers at every place its commands and its options, and nothing else", async () => {
    const all = places(program);
    const offered = await offeredByBash(all.map(([path]) => [...path, ""]));
    expect(offered).toHaveLength(all.length);
    for (const [at, [path, command]] of all.entries()) {
      const options = [...command.options, ...(command === program ? [] : program.options)];
      const expected = [
        ...command.commands.map((below) => below.name()),
        ...options.filter(({ hidden }) => !hidden).map(({ long }) => long),
      ];
      expect(offered[at], path.join(" ")).toEqual(expected);
    }
  });

  test("completes what was begun, knows arguments from commands, and leaves values to file names", async () => {
    expect(
      await offeredByBash([
        ["cert"],
        ["certificates", "iss"],
        ["certificates", "get", "some-id", "--ou"],
        ["--output", "json", "issuers", "ro"],
        ["owners", "list", "-o", ""],
        ["owners", "list", "--output", "y"],
        ["certificates", "issue", "--csr", ""],
        ["certificates", "get", "x", "--out", ""],
        ["nothing", "li"],
      ]),
    ).toEqual([
      ["certificates"],
      ["issue"],
      ["--out", "--output"],
      ["root"],
      ["table", "json", "yaml"],
      ["yaml"],
      [],
      [],
      [],
    ]);
  });
});

test.each(["zsh", "fish"])(
  "completion %s names every command and option (the shells run it in test/interop/completion.test.ts)",
  async (shell) => {
    const script = await printed(shell);
    for (const [path, command] of places(program)) {
      if (path.length > 0) expect(script).toContain(`'${path.join(" ")}'`);
      for (const { long, hidden } of command.options)
        if (!hidden) expect(script).toContain(shell === "fish" ? ` -l ${long?.slice(2) ?? ""}` : ` ${long ?? ""}`);
    }
  },
);

test("another shell is refused, and a word that a shell would run is never written", async () => {
  const terminal = fakeTerminal({});
  expect(await run(["completion", "csh"], terminal)).toBe(2);
  expect(terminal.noteText()).toContain("bash, zsh, fish");
  for (const shell of shells)
    expect(() => completionScript(shell, new Command("trstctl").addCommand(new Command("$(x)")))).toThrow("$(x)");
});
