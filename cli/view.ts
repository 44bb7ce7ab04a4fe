/** How an answer is shown: `--output` and `--query`, for every command. */
import { Failure } from "#shared/kernel/failure";
import { cell, detail, isRow, json, plain, table, usualColumns, type Row } from "./output.ts";
import { select, type Query } from "./query.ts";

export const formats = ["table", "json", "yaml"] as const;
type Format = (typeof formats)[number];

export interface View {
  /**
   * The answer as the options ask for it; undefined when they leave it to the command, which has a way for people.
   * @throws Failure `not_found` when the answer has nothing where `--query` looks
   */
  readonly text: (answer: unknown) => string | undefined;
  /** The text is all of the answer. */
  readonly whole: boolean;
}

/** @param done of a command that changed something: a query that finds nothing must not cost its answer, which may be a secret */
export async function viewOf(options: Row, { done = false } = {}): Promise<View> {
  const format = options["output"] as Format;
  const query = options["query"] as Query | undefined;
  const machine = format === "table" ? undefined : format === "json" ? json : (await import("./yaml.ts")).yaml;
  const found = (asked: Query, answer: unknown): unknown => {
    try {
      return select(asked, answer);
    } catch (error) {
      if (!(done && error instanceof Failure)) throw error;
      throw new Failure(error.code, `${error.message}\n  The request was carried out. Its answer:\n${json(answer)}`);
    }
  };
  return {
    text: (answer) => (query === undefined ? machine?.(answer) : (machine ?? forPeople)(found(query, answer))),
    whole: query === undefined && machine !== undefined,
  };
}

/** What a query found: rows as a table, an object as lines, other lists one member a line, text as it is. */
function forPeople(value: unknown): string {
  if (isRow(value)) return detail(value);
  if (!Array.isArray(value)) return typeof value === "string" && value !== "" ? plain(value) : cell(value);
  const rows = value.filter(isRow);
  return rows.length > 0 && rows.length === value.length
    ? table(rows, usualColumns(rows))
    : value.map((item: unknown) => cell(item)).join("\n");
}
