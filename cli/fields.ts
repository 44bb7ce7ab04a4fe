/** The flags of an operation, from its zod schema: one field, one flag. */
import * as z from "zod";
import { Option } from "commander";

/** The part of JSON Schema that our contracts come out as. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly cli?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export type FieldKind = "text" | "number" | "boolean" | "list" | "json" | "file";

export interface Field {
  /** As on the wire. */
  readonly name: string;
  /** As on the command line, with its dashes. */
  readonly flag: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly placeholder: string;
  readonly summary: string;
  /** Under which name commander keeps the value. */
  readonly attribute: string;
  readonly options: readonly Option[];
  /** The largest number allowed. */
  readonly maximum: number | undefined;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** How commander takes a field of each kind; the placeholder stands in the help. */
const kinds: Readonly<Record<FieldKind, { readonly placeholder: string; readonly repeat?: true }>> = {
  text: { placeholder: "<text>" },
  number: { placeholder: "<number>" },
  boolean: { placeholder: "" },
  list: { placeholder: "<a,b>", repeat: true },
  json: { placeholder: "<json|file|->" },
  file: { placeholder: "<file|->" },
};

const kindOfType: Readonly<Record<string, FieldKind>> = {
  string: "text",
  integer: "number",
  number: "number",
  boolean: "boolean",
};

function kindOf(schema: Schema): FieldKind {
  if (schema.cli === "file") return "file";
  if (schema.type === "array")
    return schema.items !== undefined && kindOfType[schema.items.type ?? ""] === "text" ? "list" : "json";
  return kindOfType[schema.type ?? ""] ?? "json";
}

const choicesOf = (schema: Schema | undefined): readonly unknown[] =>
  schema?.enum ?? (schema?.const === undefined ? [] : [schema.const]);

function summaryOf(schema: Schema, required: boolean): string {
  const choices = choicesOf(schema).length > 0 ? choicesOf(schema) : choicesOf(schema.items);
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined && schema.description === undefined
      ? `${schema.minimum} to ${schema.maximum}`
      : undefined;
  const simple = ["string", "number", "boolean"].includes(typeof schema.default);
  const parts = [
    schema.description,
    range,
    schema.format === "date-time" ? "e.g. 2030-01-31T12:00:00Z" : undefined,
    choices.length > 0 ? `${schema.type === "array" ? "any of" : "one of"}: ${choices.join(", ")}` : undefined,
    simple ? `default: ${String(schema.default)}` : undefined,
    required ? "required" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join("; ");
}

function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const kind = kindOf(schema);
  const flag = `--${name.replaceAll("_", "-")}`;
  const placeholder = schema.format === "date-time" ? "<time>" : kinds[kind].placeholder;
  const summary = summaryOf(schema, required);
  const option = new Option(`${flag} ${placeholder}`.trim(), summary);
  if (kinds[kind].repeat) option.argParser(collect);
  const negation =
    kind === "boolean"
      ? [new Option(`--no-${flag.slice(2)}`, `not: ${summary}`).hideHelp(schema.default !== true)]
      : [];
  return {
    name,
    flag,
    kind,
    required,
    placeholder,
    summary,
    attribute: option.attributeName(),
    options: [option, ...negation],
    maximum: schema.maximum,
  };
}

/** In the order of the schema, the required ones first. */
export function fieldsOf(object: z.ZodObject | undefined): readonly Field[] {
  if (object === undefined) return [];
  const schema = z.toJSONSchema(object, { io: "input" }) as Schema;
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, schema.required?.includes(name) ?? false),
  );
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}
