import { Command } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import type { Operation } from "#shared/contracts/operation";
import { operations } from "#shared/contracts/operations";
import { fakeTerminal } from "./fake-host.ts";
import { fieldsOf, type Field } from "./fields.ts";
import { requestInput } from "./request-input.ts";

const keys = (object: z.ZodObject | undefined): readonly string[] => Object.keys(object?.shape ?? {});

/** What commander makes of the words, then what the request becomes. */
async function request(operation: Operation, words: readonly string[], input = "") {
  const fields = { query: fieldsOf(operation.query), body: fieldsOf(operation.body) };
  const command = new Command().exitOverride().allowExcessArguments().option("-f, --file <file>");
  for (const option of [...fields.query, ...fields.body].flatMap((field) => field.options)) command.addOption(option);
  command.parse([...words], { from: "user" });
  return requestInput(operation, fields, command.args, command.opts(), fakeTerminal({}, { input }));
}

const operationWith = (body: z.ZodObject): Operation => ({
  id: "things.create",
  method: "POST",
  path: "/things",
  permission: "owners:write",
  summary: "",
  body,
  status: 200,
});

test.each(operations.map((operation) => [operation.id, operation] as const))(
  "%s: one flag for each field, none twice",
  (_, operation) => {
    const fields = [...fieldsOf(operation.query), ...fieldsOf(operation.body)];
    expect(fields.map((field) => field.name).toSorted()).toEqual(
      [...keys(operation.query), ...keys(operation.body)].toSorted(),
    );
    expect(new Set(fields.map((field) => field.flag)).size).toBe(fields.length);
    for (const field of fields) expect(field.flag).toBe(`--${field.name.replaceAll("_", "-")}`);
  },
);

test("a certificate request is read from a file, a profile spec is JSON", () => {
  const kindOf = (id: string, name: string) =>
    fieldsOf(operations.find((operation) => operation.id === id)?.body).find((field) => field.name === name)?.kind;
  expect(kindOf("certificates.issue", "csr")).toBe("file");
  expect(kindOf("identities.transition", "csr")).toBe("file");
  expect(kindOf("profiles.create", "spec")).toBe("json");
  expect(kindOf("identities.create", "attributes")).toBe("json");
});

const word = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);

const valueOf = {
  text: word,
  number: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  boolean: fc.boolean(),
  list: fc.array(word, { minLength: 1, maxLength: 5 }),
  json: fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  ),
} as const;

const typeOf = {
  text: z.string(),
  number: z.number(),
  boolean: z.boolean(),
  list: z.array(z.string()),
  json: z.record(z.string(), z.json()),
} as const;

function wordsOf({ kind, flag }: Field, value: unknown, separate: boolean): readonly string[] {
  if (kind === "boolean") return [value === true ? flag : `--no-${flag.slice(2)}`];
  if (kind === "list")
    return separate ? (value as string[]).flatMap((item) => [flag, item]) : [flag, (value as string[]).join(",")];
  return [`${flag}=${kind === "json" ? JSON.stringify(value) : String(value)}`];
}

test("what is given by flags is what is sent", async () => {
  const member = fc
    .constantFrom(...(Object.keys(valueOf) as (keyof typeof valueOf)[]))
    .chain((kind) => fc.tuple(fc.constant(kind), valueOf[kind] as fc.Arbitrary<unknown>));
  const names = fc
    .stringMatching(/^[a-z]{1,8}(_[a-z]{1,8}){0,2}$/)
    .filter((name) => !["file", "no"].includes(name) && !name.startsWith("no_"));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(names, member, { minKeys: 1, maxKeys: 6 }),
      fc.boolean(),
      async (object, separate) => {
        const members = Object.entries(object);
        const schema = z.strictObject(
          Object.fromEntries(members.map(([name, [kind]]) => [name, typeOf[kind].optional()])),
        );
        const given: Record<string, unknown> = Object.fromEntries(members.map(([name, [, value]]) => [name, value]));
        const words = fieldsOf(schema).flatMap((field) => wordsOf(field, given[field.name], separate));
        expect((await request(operationWith(schema), words)).body).toEqual(given);
      },
    ),
  );
});

const certificates = (verb: string): Operation =>
  operations.find((operation) => operation.id === `certificates.${verb}`) as Operation;

test("all problems come together, under the names of the flags", async () => {
  const schema = z.strictObject({
    owner_id: z.string(),
    validity_seconds: z.number().min(60),
    attributes: z.record(z.string(), z.json()),
    role: z.enum(["a", "b"]),
  });
  const failure = await request(operationWith(schema), [
    "--validity-seconds",
    "x",
    "--attributes",
    "{",
    "--role",
    "c",
  ]).catch((error: Error) => error);
  expect(failure).toMatchObject({ name: "UsageError" });
  const message = (failure as Error).message;
  expect(message).toContain("4 problems");
  expect(message).toContain('--validity-seconds: expected a number, got "x"');
  expect(message).toContain("--attributes: the value is not JSON");
  expect(message).toContain("--owner-id is missing: add --owner-id <text>");
  expect(message).toMatch(/--role: .*"a"\|"b".*got "c"/);
});

test("standard input is a file called -, once", async () => {
  expect((await request(certificates("issue"), ["--csr", "-"], "-----BEGIN CERTIFICATE REQUEST-----\n")).body).toEqual({
    csr: "-----BEGIN CERTIFICATE REQUEST-----",
  });
  await expect(request(certificates("issue"), ["--csr", "-", "-f", "-"], "{}")).rejects.toThrow("only once");
  await expect(request(certificates("issue"), ["--csr", "/no/such/leaf.csr"])).rejects.toThrow(
    "--csr: /no/such/leaf.csr: no such file",
  );
});

test("a body from a file; flags win; unknown fields are refused", async () => {
  expect(
    (await request(certificates("issue"), ["-f", "-", "--profile", "web"], '{"csr":"x","profile":"p","issuer_id":"i"}'))
      .body,
  ).toEqual({ csr: "x", profile: "web", issuer_id: "i" });
  await expect(request(certificates("issue"), ["-f", "-"], '{"csr":"x","ttl":1}')).rejects.toThrow(
    "--file: no such field `ttl`",
  );
  await expect(request(certificates("issue"), ["-f", "-"], "[]")).rejects.toThrow("--file: expected a JSON object");
});

test("path parameters are checked and escaped", async () => {
  expect((await request(certificates("get"), ["iss@x:1"])).path).toBe("/certificates/iss%40x%3A1");
  await expect(request(certificates("get"), ["../owners"])).rejects.toThrow("<id>");
});
