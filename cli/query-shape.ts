/** A query against the shape of an answer, from the contract: slips are refused before anything is sent. */
import * as z from "zod";
import { before, listed, type Query, type Step } from "./query.ts";

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/**
 * A query that no answer of this shape can have: a slip would otherwise show only after the request was carried out.
 * @returns what is wrong with it; undefined: nothing that the shape tells
 */
export function queryProblem({ text, steps }: Query, response: z.ZodType | undefined): string | undefined {
  if (response === undefined) return `--query ${text}: this command answers nothing`;
  const root = z.toJSONSchema(response, { io: "output", unrepresentable: "any" }) as Schema;
  const shapes = (schema: Schema): readonly Schema[] => {
    const name = schema.$ref?.split("/").at(-1);
    const parts = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => some ?? []);
    if (name !== undefined) return shapes(name === "#" ? root : (root.$defs?.[name] ?? {}));
    return parts.length > 0 ? parts.flatMap(shapes) : [schema];
  };
  let possible = shapes(root);
  for (const [at, step] of steps.entries()) {
    // A schema that says no type allows everything.
    if (possible.some(({ type }) => type === undefined)) return undefined;
    const found = possible.flatMap((schema) => below(schema, step));
    if (found.length === 0) return `--query ${text}: ${before(steps, at)} ${lacks(step, possible)}`;
    possible = found.flatMap(shapes);
  }
  return undefined;
}

function below({ type, properties, additionalProperties, items }: Schema, step: Step): readonly Schema[] {
  if (!("name" in step)) return type === "array" ? [items ?? {}] : [];
  if (type !== "object") return [];
  if (properties !== undefined && Object.hasOwn(properties, step.name)) return [properties[step.name] ?? {}];
  return typeof additionalProperties === "object" ? [additionalProperties] : [];
}

function lacks(step: Step, possible: readonly Schema[]): string {
  if (!("name" in step)) return "is no list";
  const names = possible.flatMap(({ properties }) => Object.keys(properties ?? {}));
  if (names.length > 0) return `has no member ${step.name}; ${listed(names)}`;
  return possible.some(({ type }) => type === "array") ? "is a list: [*] or [0] comes before a name" : "is no object";
}
