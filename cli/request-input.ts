/** From words on the command line to a checked request: every problem is listed at once, under the name of its flag. */
import { readFile } from "node:fs/promises";
import type * as z from "zod";
import type { Operation } from "#shared/contracts/operation";
import { jsonProblem } from "#shared/kernel/json";
import type { Field, FieldKind } from "./fields.ts";
import { refuseProblems } from "./failures.ts";
import { cell, isRow, type Row } from "./output.ts";
import type { Terminal } from "./terminal.ts";

export interface OperationFields {
  readonly query: readonly Field[];
  readonly body: readonly Field[];
}

export interface RequestInput {
  /** Below `/api/v1`, parameters filled in. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Row | undefined;
}

/** Path parameters in the order of the path. */
export const paramNames = (operation: Operation): readonly string[] =>
  [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");

/** @throws UsageError naming every problem */
export async function requestInput(
  operation: Operation,
  fields: OperationFields,
  words: readonly string[],
  options: Row,
  terminal: Terminal,
): Promise<RequestInput> {
  const problems: string[] = [];
  const source = valueSource(terminal);
  const names = paramNames(operation);
  const params = Object.fromEntries(names.map((name, at) => [name, words[at] ?? ""]));
  if (operation.params) problems.push(...issuesOf(operation.params, params, (name) => `<${name}>`));

  const query = await given(fields.query, options, source, problems);
  if (operation.query) problems.push(...issuesOf(operation.query, query, flagNamer(fields.query), fields.query));

  let body: Row | undefined;
  if (operation.body) {
    const file = typeof options["file"] === "string" ? await bodyFile(options["file"], source, problems) : {};
    const flags = await given(fields.body, options, source, problems);
    body = { ...file, ...flags };
    problems.push(...issuesOf(operation.body, body, flagNamer(fields.body), fields.body, problems));
  }
  refuseProblems(problems);
  return {
    path: operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? "")),
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    body,
  };
}

type Source = (path: string) => Promise<string>;

/** Files and, once, standard input. */
function valueSource(terminal: Terminal): Source {
  let taken = false;
  return async (path) => {
    if (path !== "-") return readFile(path, "utf8");
    if (taken) throw new Error("standard input can be read only once: give the other one as a file");
    taken = true;
    return terminal.input();
  };
}

const readers: Readonly<Record<FieldKind, (value: unknown, source: Source) => unknown>> = {
  text: (value) => value,
  number: (value) => {
    if (!/^-?\d+(\.\d+)?$/.test(String(value))) throw new Error(`expected a number, got ${JSON.stringify(value)}`);
    return Number(value);
  },
  boolean: (value) => value,
  list: (value) =>
    (value as readonly string[])
      .flatMap((word) => word.split(","))
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  json: async (value, source) => {
    const inline = /^\s*[[{]/.test(String(value));
    return parseJson(inline ? String(value) : await source(String(value)), inline ? "the value" : String(value));
  },
  file: async (value, source) => (await source(String(value))).trim(),
};

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${from} is not JSON: ${jsonProblem(error)}`);
  }
}

/** The fields that stand on the command line; a field that cannot be read is a problem and is left out. */
async function given(fields: readonly Field[], options: Row, source: Source, problems: string[]): Promise<Row> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const value = options[field.attribute];
    if (value === undefined) continue;
    try {
      values[field.name] = await readers[field.kind](value, source);
    } catch (error) {
      problems.push(`${field.flag}: ${reason(error)}`);
    }
  }
  return values;
}

async function bodyFile(path: string, source: Source, problems: string[]): Promise<Row> {
  try {
    const value = parseJson(await source(path), path);
    if (isRow(value)) return value;
    throw new Error("expected a JSON object");
  } catch (error) {
    problems.push(`--file: ${reason(error)}`);
    return {};
  }
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "you may not read it",
  EISDIR: "is a directory",
};

function reason(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  return code !== undefined && systemReasons[code] !== undefined
    ? `${path ?? "file"}: ${systemReasons[code]}`
    : message;
}

const flagNamer =
  (fields: readonly Field[]) =>
  (name: string): string =>
    fields.find((field) => field.name === name)?.flag ?? `--file: ${name}`;

/** What the schema says against the value, each under the flag's name; what `known` already complains about is left out. */
function issuesOf(
  schema: z.ZodObject,
  value: Row,
  nameOf: (name: string) => string,
  fields: readonly Field[] = [],
  known: readonly string[] = [],
): readonly string[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => {
    const [first, ...inner] = issue.path.map(String);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map(
        (key) => `${first === undefined ? "--file" : nameOf(first)}: no such field \`${[...inner, key].join(".")}\``,
      );
    const label = nameOf(first ?? "");
    if (known.some((problem) => problem.startsWith(`${label}:`))) return [];
    const field = fields.find(({ name }) => name === first);
    if (first !== undefined && value[first] === undefined)
      return [
        `${label} is missing: add ${label}${field === undefined ? "" : ` ${field.placeholder}`}${field?.summary ? ` (${field.summary.replace(/(; )?required$/, "")})`.replace(" ()", "") : ""}`,
      ];
    const came = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
      value,
    );
    const shown =
      ["string", "number", "boolean"].includes(typeof came) && String(came).length <= 80
        ? `, got ${JSON.stringify(came)}`
        : "";
    return [`${label}${inner.length > 0 ? ` ${inner.join(".")}` : ""}: ${issue.message}${shown}`];
  });
}

/** For a question or a message: the object that the words name. */
export const named = (operation: Operation, words: readonly string[]): string =>
  paramNames(operation)
    .map((name, at) => `${name} ${cell(words[at])}`)
    .join(", ");
