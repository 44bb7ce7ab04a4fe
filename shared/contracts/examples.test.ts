/** What the OpenAPI document shows as an example, the contract takes, and the host would say. */
import { describe, expect, it, test } from "vitest";
import { problemAnswer } from "#shared/http/problem";
import { Failure, type FailureCode } from "#shared/kernel/failure";
import { exampleBody, exampleOfAnswer, exampleProblems } from "./examples.ts";
import { openApiDocument } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { operations } from "./operations.ts";
import { problem } from "./problem.ts";

const all: readonly (readonly [string, Operation])[] = operations.map((operation) => [operation.id, operation]);

describe.each(all)("%s", (_, operation) => {
  it("has a request that its own schemas take", () => {
    const { params, query, body, example = {} } = operation;
    expect(body?.safeParse(exampleBody(operation)).error).toBeUndefined();
    expect(params?.safeParse(example.params).error).toBeUndefined();
    expect(query?.safeParse(example.query ?? {}).error).toBeUndefined();
  });

  it("has an answer that its own schema takes, wherever it answers anything", () => {
    expect(operation.response?.safeParse(exampleOfAnswer(operation)).error).toBeUndefined();
    expect(exampleOfAnswer(operation) === undefined).toBe(operation.response === undefined);
  });
});

test("the document has them at every request and answer", () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, Described>> };
  const described = Object.values(paths).flatMap((path) => Object.values(path));
  expect(described).toHaveLength(operations.length);
  for (const { requestBody, responses } of described) {
    const bodies = [requestBody, responses["200"], responses["201"]].flatMap((one) =>
      one?.content === undefined ? [] : [one.content],
    );
    for (const body of bodies) expect(Object.keys(body["application/json"] ?? {})).toContain("example");
    expect(Object.keys(responses["4XX"]?.content?.["application/problem+json"] ?? {})).toContain("examples");
  }
});

test("an answer says what was asked for", () => {
  const create = operations.find(({ id }) => id === "owners.create");
  expect(create && exampleOfAnswer(create)).toMatchObject(create?.example?.body ?? {});
});

test.each(Object.entries(exampleProblems))("the problem %s is as the host writes it", (_, { value }) => {
  expect(problem.safeParse(value).error).toBeUndefined();
  const {
    type: _type,
    title: _title,
    status: _status,
    detail,
    code,
    trace_id,
    field,
    ...extensions
  } = {
    field: undefined,
    ...value,
  };
  const failure = new Failure(code as FailureCode, detail, { extensions, ...(field !== undefined && { field }) });
  const { body } = problemAnswer(failure, trace_id);
  expect(JSON.parse(String(body))).toEqual(value);
});

interface Described {
  readonly requestBody?: Part;
  readonly responses: Readonly<Record<string, Part | undefined>>;
}
interface Part {
  readonly content?: Readonly<Record<string, object | undefined>>;
}
