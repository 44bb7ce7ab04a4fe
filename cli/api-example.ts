/** The example of an operation as a command line. */
import type { Operation } from "#shared/contracts/operation";
import { fieldsOf, type Field, type FieldKind } from "./fields.ts";
import { presenterOf } from "./presenters.ts";
import { paramNames } from "./request-input.ts";

/** The words that give a field a value. */
const wordsOf: Readonly<Record<FieldKind, (field: Field, value: unknown) => readonly string[]>> = {
  text: ({ flag }, value) => [flag, String(value)],
  number: ({ flag }, value) => [flag, String(value)],
  boolean: ({ flag }, value) => [value === true ? flag : `--no-${flag.slice(2)}`],
  list: ({ flag }, value) => [flag, (value as readonly string[]).join(",")],
  json: ({ flag }, value) => [flag, JSON.stringify(value)],
  file: ({ flag, name }) => [flag, exampleFile(name)],
};

/** What the file is called that a field is read from. */
export const exampleFile = (field: string): string => `shop.${field}`;

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** @throws TypeError when the example names what the operation has not */
export function apiExample(operation: Operation): string {
  const { params = {}, query = {}, body = {} } = operation.example ?? {};
  const given = (fields: readonly Field[], values: object): readonly string[] =>
    Object.entries(values).flatMap(([name, value]) => {
      const field = fields.find((one) => one.name === name);
      if (field === undefined) throw new TypeError(`the example of ${operation.id} names ${name}, which is no field`);
      return wordsOf[field.kind](field, value);
    });
  const words = [
    ...operation.id.split("."),
    ...paramNames(operation).map((name) => params[name] ?? ""),
    ...given(fieldsOf(operation.body), body),
    ...given(fieldsOf(operation.query), query),
    ...(presenterOf(operation.id).outputs ?? []).flatMap(({ flag, example }) => [flag, example]),
  ];
  return ["trstctl", ...words.map(quoted)].join(" ");
}
