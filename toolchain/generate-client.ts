/**
 * Writes `web/api/generated.ts` from the OpenAPI document: types of every operation, and what the client must know of each at run
 * time. A field that the contract changes is then a type error in the page that shows it. Run by `npm run generate`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openApiDocument } from "#shared/contracts/openapi";

interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Item {
  readonly "x-operation": string;
  readonly "x-permission": string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Item>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const quoted = (value: unknown): string => JSON.stringify(value);
const json = (content: Content | undefined): Schema | undefined => content?.["application/json"]?.schema;

/** @throws TypeError for a keyword that it does not know how to say */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "unknown";
  if ("const" in schema) return quoted(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(quoted).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(typeOf).join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map((part) => `(${typeOf(part)})`).join(" & ");
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => typeOf({ ...schema, type })).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
    case "null":
      return schema.type;
    case "array":
      return schema.prefixItems === undefined
        ? `readonly (${typeOf(schema.items ?? {})})[]`
        : `readonly [${schema.prefixItems.map(typeOf).join(", ")}]`;
    case "object":
      return objectType(schema);
    case undefined:
      return "unknown";
    default:
      throw new TypeError(`the generator of the client does not know the type ${quoted(schema.type)}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) => `readonly ${quoted(name)}${required.includes(name) ? "" : "?"}: ${typeOf(field)}`,
  );
  if (typeof additionalProperties === "object") fields.push(`readonly [name: string]: ${typeOf(additionalProperties)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join("; ")} }`;
}

const parametersType = (parameters: readonly Parameter[], where: string): string =>
  objectType({
    properties: Object.fromEntries(
      parameters.filter((one) => one.in === where).map(({ name, schema }) => [name, schema]),
    ),
    required: parameters.filter((one) => one.in === where && one.required).map(({ name }) => name),
  });

/** @returns the text of `generated.ts` */
export function generateClient(document: Document): string {
  const types: string[] = [];
  const facts: string[] = [];
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, item] of Object.entries(methods)) {
      const [, success] = Object.entries(item.responses).find(([status]) => /^2\d\d$/.test(status)) ?? [];
      const body = json(item.requestBody?.content);
      const response = json(success?.content);
      types.push(
        `  ${quoted(item["x-operation"])}: {`,
        `    params: ${parametersType(item.parameters, "path")};`,
        `    query: ${parametersType(item.parameters, "query")};`,
        `    body: ${body === undefined ? "undefined" : typeOf(body)};`,
        `    response: ${response === undefined ? "undefined" : typeOf(response)};`,
        "  };",
      );
      const { summary } = item;
      const fact = { method: method.toUpperCase(), path, permission: item["x-permission"], summary };
      facts.push(`  ${quoted(item["x-operation"])}: ${quoted(fact)},`);
    }
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`,
  );
  return [
    "// Made by `npm run generate` from the OpenAPI document. Do not edit.\n",
    ...schemas,
    "export interface Operations {",
    ...types,
    "}\n",
    "export type OperationId = keyof Operations;\n",
    "export const operations = {",
    ...facts,
    "} as const satisfies Record<OperationId, object>;",
    "",
  ].join("\n");
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(
    join(import.meta.dirname, "..", "web", "api", "generated.ts"),
    generateClient(openApiDocument() as unknown as Document),
  );
