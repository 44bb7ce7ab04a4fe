/** One command for each operation of the API: `trstctl <group> <verb>`. The operation says everything; nothing is listed twice. */
import { Option, type Command } from "commander";
import { holds, isMutation, type Operation } from "#shared/contracts/operation";
import { newId } from "#shared/crypto/random";
import { apiOf, wholeList, type Api, type ApiRequest } from "./api-client.ts";
import { connectionFrom } from "./connection.ts";
import { UsageError } from "./failures.ts";
import { apiExample } from "./api-example.ts";
import { showExample } from "./examples.ts";
import { fieldsOf, type Field } from "./fields.ts";
import { openOutFiles } from "./out-files.ts";
import type { Row } from "./output.ts";
import { presenterOf } from "./presenters.ts";
import { queryProblem } from "./query-shape.ts";
import type { Query } from "./query.ts";
import { named, paramNames, requestInput } from "./request-input.ts";
import type { Terminal } from "./terminal.ts";
import { viewOf } from "./view.ts";

export async function connect(terminal: Terminal): Promise<Api> {
  const [connection, { httpsTransport }] = await Promise.all([
    connectionFrom(terminal.environment),
    import("./transport.ts"),
  ]);
  return apiOf(connection, httpsTransport(connection.url, connection.ca), terminal);
}

/** Another way to do what an operation's command does, asked for by a flag of its own. */
export interface Variant {
  readonly option: Option;
  /** @param value of the flag */
  readonly run: (value: string, options: Row) => Promise<void>;
}

/** @throws TypeError when two operations want the same command or a field wants the flag of an option */
export function addApiCommands(
  program: Command,
  operations: readonly Operation[],
  terminal: Terminal,
  variants: Readonly<Record<string, Variant>> = {},
): void {
  for (const operation of operations) {
    const [group = "", verb = ""] = operation.id.split(".");
    const parent = program.commands.find((command) => command.name() === group) ?? program.command(group);
    if (parent.commands.some((command) => command.name() === verb))
      throw new TypeError(`two operations are called ${operation.id}`);
    const command = addOperation(parent, verb, operation, terminal, variants[operation.id]);
    // Two flags of one command are refused by commander; one above it would silently win.
    for (const { long } of program.options)
      if (command.options.some((option) => option.long === long))
        throw new TypeError(`${operation.id}: ${long ?? ""} is an option of every command`);
  }
}

const isPaged = (fields: readonly Field[]): boolean => fields.some(({ name }) => name === "cursor");

function addOperation(
  parent: Command,
  verb: string,
  operation: Operation,
  terminal: Terminal,
  variant?: Variant,
): Command {
  const command = parent.command(verb).description(operation.summary);
  for (const name of paramNames(operation)) command.argument(`<${name.replaceAll("_", "-")}>`);
  const fields = { query: fieldsOf(operation.query), body: fieldsOf(operation.body) };
  command.optionsGroup("Fields:");
  for (const option of [...fields.body, ...fields.query].flatMap((field) => field.options)) command.addOption(option);
  command.optionsGroup("Options:");
  for (const option of optionsOf(operation, fields.query)) command.addOption(option);
  if (variant !== undefined) command.addOption(variant.option);
  showExample(command, apiExample(operation));
  return command.action(async (...given: readonly unknown[]) => {
    const options: Row = command.optsWithGlobals();
    const asked = variant === undefined ? undefined : options[variant.option.attributeName()];
    if (typeof asked === "string") return variant?.run(asked, options);
    const words = given.slice(0, paramNames(operation).length).map(String);
    return perform(operation, fields, words, options, terminal);
  });
}

function optionsOf(operation: Operation, query: readonly Field[]): readonly Option[] {
  const outputs = presenterOf(operation.id).outputs ?? [];
  return [
    ...(operation.body ? [new Option("-f, --file <file|->", "the whole body as JSON; flags win over it")] : []),
    ...(isPaged(query) ? [new Option("--all", "follow the pages to the end")] : []),
    ...outputs.map(({ flag, summary }) => new Option(`${flag} <file>`, summary)),
    ...(operation.destructive ? [new Option("-y, --yes", "do it without asking")] : []),
    ...(isMutation(operation)
      ? [new Option("--idempotency-key <key>", "repeat an earlier request under its key; default: a new one")]
      : []),
  ];
}

async function perform(
  operation: Operation,
  fields: { readonly query: readonly Field[]; readonly body: readonly Field[] },
  words: readonly string[],
  options: Row,
  terminal: Terminal,
): Promise<void> {
  const query = options["query"] as Query | undefined;
  const problem = query === undefined ? undefined : queryProblem(query, operation.response);
  if (problem !== undefined) throw new UsageError(problem);
  const view = await viewOf(options, { done: isMutation(operation) });
  const input = await requestInput(operation, fields, words, options, terminal);
  if (holds(operation.destructive, input.body) && options["yes"] !== true) await confirmed(operation, words, terminal);
  const request: ApiRequest = {
    method: operation.method,
    ...input,
    ...(isMutation(operation) ? { idempotencyKey: keyFrom(options, terminal) } : {}),
  };
  const presenter = presenterOf(operation.id);
  const api = await connect(terminal);
  const files = await openOutFiles(presenter.outputs ?? [], options);
  try {
    const answer =
      options["all"] === true
        ? await wholeList(api, { ...request, query: { ...largestPage(fields.query), ...input.query } })
        : await api(request);
    await presenter.present(answer, {
      operationId: operation.id,
      view,
      files,
      terminal,
    });
  } finally {
    await files.close();
  }
}

const largestPage = (query: readonly Field[]): Readonly<Record<string, string>> => {
  const limit = query.find(({ name }) => name === "limit")?.maximum;
  return limit === undefined ? {} : { limit: String(limit) };
};

/** @throws UsageError unless somebody said yes */
async function confirmed(operation: Operation, words: readonly string[], terminal: Terminal): Promise<void> {
  const what = `${operation.id.replace(".", " ")} (${named(operation, words)})`;
  if (!terminal.interactive)
    throw new UsageError(`${what} cannot be undone and nobody is here to ask: add --yes to do it`);
  if (!(await terminal.confirm(`${operation.summary} (${named(operation, words)}). Go on?`)))
    throw new UsageError(`${what}: not confirmed, nothing was done`);
}

/** A header value: visible ASCII. @throws UsageError */
function keyFrom(options: Row, terminal: Terminal): string {
  const key = options["idempotencyKey"] ?? newId(terminal.now());
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key))
    throw new UsageError("--idempotency-key: expected 1 to 255 visible ASCII characters");
  return key;
}
