/** Templates as policies read them: what CloudFormation would put together is one string, the same wherever it is named. */
import type { CloudAssembly } from "aws-cdk-lib/cx-api";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, JsonObject>>;
}

/** By stack name. */
export type Templates = ReadonlyMap<string, Template>;

export const templatesOf = (assembly: CloudAssembly): Templates =>
  new Map(assembly.stacks.map(({ stackName, template }) => [stackName, template as Template]));

export interface Found {
  readonly stack: string;
  /** Logical id. */
  readonly id: string;
  readonly resource: Resource;
  readonly properties: JsonObject;
  /** How a canonical value refers to it. */
  readonly ref: string;
  readonly arn: string;
}

export const where = ({ stack, id }: Pick<Found, "stack" | "id">): string => `${stack}/${id}`;

export const resourcesOf = (templates: Templates, ...types: readonly string[]): Found[] =>
  [...templates].flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => types.length === 0 || types.includes(Type))
      .map(([id, resource]) => ({
        stack,
        id,
        resource,
        properties: resource.Properties ?? {},
        ref: `<${stack}/${id}>`,
        arn: `<${stack}/${id}.Arn>`,
      })),
  );

export const list = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];

/** @param value canonical */
export const text = (value: Json | undefined): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

export const strings = (value: Json | undefined): readonly string[] => list(value).map(text);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value below a path of property names and places; undefined where there is none. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as JsonObject)[step];
  }
  return found;
}

/**
 * With every reference written out: `<stack/id>` for `Ref`, `<stack/id.Attribute>` for `Fn::GetAtt`, what the other stack
 * exports for `Fn::ImportValue`, and joined where `Fn::Join` joins.
 */
export function canonical(templates: Templates): Templates {
  const exported = new Map<string, { readonly stack: string; readonly value: Json | undefined }>();
  for (const [stack, { Outputs = {} }] of templates) {
    for (const output of Object.values(Outputs)) {
      const name = at(output, "Export", "Name");
      if (typeof name === "string") exported.set(name, { stack, value: output["Value"] });
    }
  }
  const write = (value: Json, stack: string): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map((one) => write(one, stack));
    if (!isObject(value)) return value;
    const [name, argument] = Object.entries(value)[0] ?? [];
    if (name === "Ref")
      return text(argument).startsWith("AWS::") ? `<${text(argument)}>` : `<${stack}/${text(argument)}>`;
    if (name === "Fn::GetAtt") return `<${stack}/${strings(argument).join(".")}>`;
    if (name === "Fn::ImportValue") {
      const found = exported.get(text(argument));
      return found?.value === undefined ? `<no export ${text(argument)}>` : write(found.value, found.stack);
    }
    if (name === "Fn::Join") {
      const parts = at(argument, 1);
      return strings(write(parts ?? [], stack)).join(text(at(argument, 0)));
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, write(inner, stack)]));
  };
  return new Map(
    [...templates].map(([stack, template]) => [
      stack,
      write(template as unknown as Json, stack) as unknown as Template,
    ]),
  );
}
