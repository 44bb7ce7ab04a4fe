import { execFileSync } from "node:child_process";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { operations } from "#shared/contracts/operations";
import { exampleFile } from "./api-example.ts";
import { exampleOf, hostExamples } from "./examples.ts";
import { fakeTerminal } from "./fake-host.ts";
import { fieldsOf } from "./fields.ts";
import { programFor } from "./program.ts";
import { requestInput } from "./request-input.ts";

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** What a shell makes of a line: the words after `trstctl`. */
const shellWords = (line: string): readonly string[] =>
  execFileSync("sh", ["-c", `trstctl() { printf '%s\\0' "$@"; }; ${line.replace(/ > .*/, "")}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

const terminal = fakeTerminal({});
const program = await programFor([], terminal);
const commands = new Map(leaves(program).map((leaf) => [pathOf(leaf), leaf.action(() => undefined)] as const));
const paths = [...commands.keys()];
const commandAt = (path: string): Command => commands.get(path) ?? program;

test.each(paths)("%s: its help has an example, which is a call of it that its options allow", async (path) => {
  const line = exampleOf(commandAt(path)) ?? "";
  expect(`${line} `).toMatch(new RegExp(`^trstctl ${path} `));
  await expect(program.parseAsync([...path.split(" "), "--help"], { from: "user" })).rejects.toThrow("outputHelp");
  expect(terminal.outText()).toContain(`Example:\n  ${line}\n`);
  await program.parseAsync(shellWords(line), { from: "user" });
  expect(program.args.slice(0, path.split(" ").length).join(" ")).toBe(path);
});

test("no example is for a command that does not exist", () => {
  expect(Object.keys(hostExamples).filter((path) => !paths.includes(path))).toEqual([]);
});

test.each(operations.map((operation) => [operation.id, operation] as const))(
  "%s: its example becomes the request that the contract gives",
  async (id, operation) => {
    const command = commandAt(id.replace(".", " "));
    await program.parseAsync(shellWords(exampleOf(command) ?? ""), { from: "user" });
    const { params = {}, query = {}, body = {} } = operation.example ?? {};
    const fields = { query: fieldsOf(operation.query), body: fieldsOf(operation.body) };
    const options: Record<string, unknown> = command.opts();
    const files = fields.body.filter(({ kind, name }) => kind === "file" && name in body);
    for (const { attribute, name } of files) {
      expect(options[attribute]).toBe(exampleFile(name));
      options[attribute] = "-";
    }
    const input = String((body as Record<string, unknown>)[files[0]?.name ?? ""]);
    const request = await requestInput(operation, fields, command.args, options, fakeTerminal({}, { input }));
    expect(request).toEqual({
      path: operation.path.replaceAll(
        /\{(\w+)\}/g,
        (_, name: string) => (params as Record<string, string>)[name] ?? "",
      ),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
      body: operation.body === undefined ? undefined : body,
    });
  },
);
