/** The OpenAPI 3.1 document, made from the operations. */
import * as z from "zod";
import { exampleBody, exampleOfAnswer, exampleProblems } from "./examples.ts";
import { isMutation, type Operation } from "./operation.ts";
import { operations } from "./operations.ts";
import { problem } from "./problem.ts";

type Json = Record<string, unknown>;

/** `io: input`: what the caller may leave out is not required. */
const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  return json;
};

function parameters(
  schema: z.ZodObject | undefined,
  where: "path" | "query",
  examples: Readonly<Record<string, unknown>> = {},
): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    schema: type,
    ...(examples[name] !== undefined && { example: examples[name] }),
    ...(description !== undefined && { description }),
  }));
}

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
const refusalContent = {
  "application/problem+json": {
    ...problemContent["application/problem+json"],
    examples: Object.fromEntries(
      Object.keys(exampleProblems).map((name) => [name, { $ref: `#/components/examples/${name}` }]),
    ),
  },
};

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "new for each operation, the same when one is tried again",
  schema: { type: "string", minLength: 8, maxLength: 200 },
};

function pathItem(operation: Operation): Json {
  const success =
    operation.response === undefined
      ? { description: "Done" }
      : {
          description: "Done",
          content: {
            "application/json": { schema: schemaOf(operation.response, "output"), example: exampleOfAnswer(operation) },
          },
        };
  return {
    operationId: operation.id.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [operation.id.split(".")[0]],
    summary: operation.summary,
    security: [{ token: [] }],
    "x-operation": operation.id,
    "x-permission": operation.permission,
    ...(operation.destructive !== undefined && { "x-destructive": operation.destructive }),
    ...(operation.stepUp !== undefined && operation.stepUp !== false && { "x-step-up": operation.stepUp }),
    ...(operation.showsSecret && { "x-shows-secret": true }),
    parameters: [
      ...parameters(operation.params, "path", operation.example?.params),
      ...parameters(operation.query, "query", operation.example?.query),
      ...(isMutation(operation) ? [idempotencyKey] : []),
    ],
    ...(operation.body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemaOf(operation.body, "input"), example: exampleBody(operation) } },
      },
    }),
    responses: {
      [operation.status]: success,
      "4XX": { description: "The request is refused; nothing was changed", content: refusalContent },
      "5XX": {
        description: "Ours to mend; a mutation may be tried again with the same Idempotency-Key",
        content: problemContent,
      },
    },
  };
}

/**
 * A recursive schema brings definitions of its own (`$defs`), and its references mean the root of its own document. Here
 * they stand once, among the components.
 */
function withSharedDefinitions(document: Json): Json {
  const definitions: Json = {};
  const rest = JSON.stringify(document, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !("$defs" in value)) return value;
    const { $defs, ...schema } = value;
    for (const [name, definition] of Object.entries($defs as Json)) {
      if (JSON.stringify(definitions[name] ?? definition) !== JSON.stringify(definition))
        throw new TypeError(`two schemas define ${name} differently: give them names with .meta({ id })`);
      definitions[name] = definition;
    }
    return schema;
  });
  const pointed = (text: string): Json => JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  const { components, ...shared } = pointed(rest) as { components: { schemas: Json } };
  return {
    ...shared,
    components: { ...components, schemas: { ...components.schemas, ...pointed(JSON.stringify(definitions)) } },
  };
}

export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = `/api/v1${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: pathItem(operation) };
  }
  return withSharedDefinitions({
    openapi: "3.1.0",
    info: {
      title: "trstctl",
      version: "1",
      description: "The control plane for every credential that is not a human's.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "trst_<routing>_<secret>" } },
      examples: exampleProblems,
      schemas: { Problem: schemaOf(problem, "output") },
    },
  });
}
