import type { Command } from "commander";
import { expect, test } from "vitest";
import * as z from "zod";
import { openApiDocument } from "#shared/contracts/openapi";
import { operations } from "#shared/contracts/operations";
import { addApiCommands } from "./commands-from-contract.ts";
import { fakeTerminal } from "./fake-host.ts";
import { presentedIds } from "./presenters.ts";
import { programFor, run } from "./program.ts";

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
const program = await programFor([], fakeTerminal({}));

test("every operation has its command, and no command is without one", () => {
  const ofHost = [
    "up",
    "serve",
    "console",
    "token create",
    "tenants list",
    "tenants fail-over",
    "tls-root",
    "trust install",
    "trust remove",
    "trust status",
    "config check",
    "completion",
    "doctor",
    "audit verify",
  ];
  const ofServers = ["login", "logout", "profile list", "profile use", "profile show", "profile remove"];
  const ofBackup = ["backup create-key", "backup create", "backup verify", "restore", "kms import-key"];
  expect(leaves(program).map(pathOf).toSorted()).toEqual(
    [...ofHost, ...ofBackup, ...ofServers, ...operations.map(({ id }) => id.replace(".", " "))].toSorted(),
  );
});

/** `access create-token` is `accessCreateToken` there. */
const operationIdOf = (path: string): string => path.replace(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase());

test("and so it is with what the OpenAPI document has", () => {
  const document = openApiDocument() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
  };
  const inDocument = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId }) => operationId ?? []),
  );
  const ofApi = leaves(program).filter((command) =>
    operations.some(({ id }) => id.replace(".", " ") === pathOf(command)),
  );
  expect(inDocument.length).toBeGreaterThan(50);
  expect(ofApi.map((command) => operationIdOf(pathOf(command))).toSorted()).toEqual(inDocument.toSorted());
});

test.each(leaves(program).map((command) => [pathOf(command)] as const))(
  "%s --help renders and says how it is called",
  async (path) => {
    const terminal = fakeTerminal({});
    expect(await run([...path.split(" "), "--help"], terminal)).toBe(0);
    expect(terminal.outText()).toContain(`Usage: trstctl ${path}`);
    expect(terminal.outText()).toContain("--output <format>");
  },
);

test("no presenter is for an operation that does not exist", () => {
  const ids: readonly string[] = operations.map(({ id }) => id);
  expect(presentedIds.filter((id) => !ids.includes(id))).toEqual([]);
});

test("a field that takes the flag of an option is refused when the tree is built", () => {
  const thief = {
    id: "things.create",
    method: "POST",
    path: "/things",
    permission: "owners:write",
    summary: "",
    status: 201,
  } as const;
  for (const name of ["output", "verbose", "file", "idempotency_key"]) {
    expect(() =>
      addApiCommands(fresh(), [{ ...thief, body: z.strictObject({ [name]: z.string() }) }], fakeTerminal({})),
    ).toThrow(name.replaceAll("_", "-"));
  }
  expect(() => addApiCommands(fresh(), [thief, thief], fakeTerminal({}))).toThrow("things.create");
});

const fresh = (): Command => program.createCommand("trstctl").option("-o, --output <format>").option("--verbose");

test.each([
  [["--help"], 0],
  [["--version"], 0],
  [[], 2],
  [["nothing"], 2],
  [["owners", "lst"], 2],
  [["owners", "list", "--colour"], 2],
  [["owners", "get"], 2],
  [["owners", "list", "--output", "xml"], 2],
  [["owners", "create", "--kind", "robot"], 2],
  [["owners", "delete", "o-1"], 2],
] as const)("%j ends with %i", async (words, code) => {
  expect(await run([...words], fakeTerminal({}))).toBe(code);
});

test("a mistyped command gets a suggestion and no stack", async () => {
  const terminal = fakeTerminal({});
  await run(["owners", "lst"], terminal);
  expect(terminal.noteText()).toContain("Did you mean list?");
  expect(terminal.noteText()).not.toMatch(/^ +at /m);
});
