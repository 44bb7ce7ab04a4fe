/** What a request and its answer look like: for the OpenAPI document, from the example that the CLI's help shows too. */
import * as z from "zod";
import { exampleAnswer } from "./example-answer.ts";
import type { Operation } from "./operation.ts";

type Json = Record<string, unknown>;

/** The body of a request that the contract takes; undefined where it takes none. */
export const exampleBody = ({ body, example }: Operation): Json | undefined =>
  body === undefined ? undefined : { ...example?.body };

/** The answer to that request: what was asked for stands in it, where the schema has a place for it. */
export function exampleOfAnswer(operation: Operation): unknown {
  const { response, example = {} } = operation;
  if (response === undefined) return undefined;
  const answer = exampleAnswer(z.toJSONSchema(response, { io: "output", unrepresentable: "any" }));
  if (typeof answer !== "object" || answer === null) return answer;
  const asked = { ...example.body, ...(example.params?.["id"] !== undefined && { id: example.params["id"] }) };
  const same = Object.entries(asked).filter(([name]) => name in answer);
  const echoed: unknown = { ...answer, ...Object.fromEntries(same) };
  return response.safeParse(echoed).success ? echoed : answer;
}

const trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Refusals that any operation may give. */
export const exampleProblems = {
  InvalidField: {
    summary: "A field is wrong: `field` says which",
    value: {
      type: "urn:trstctl:problem:invalid_field",
      title: "Bad Request",
      status: 400,
      detail: "validity_seconds: Too small: expected number to be >=60",
      code: "invalid_field",
      field: "validity_seconds",
      problems: ["validity_seconds: Too small: expected number to be >=60"],
      trace_id,
    },
  },
  Forbidden: {
    summary: "The principal lacks the permission that `detail` names",
    value: {
      type: "urn:trstctl:problem:forbidden",
      title: "Forbidden",
      status: 403,
      detail: "this needs certs:issue, which your token does not hold",
      code: "forbidden",
      missing: ["certs:issue"],
      trace_id,
    },
  },
  NotFound: {
    summary: "There is no such object in this tenant",
    value: {
      type: "urn:trstctl:problem:not_found",
      title: "Not Found",
      status: 404,
      detail: "there is no certificate k7m2q9x4-5f0c1a2b",
      code: "not_found",
      trace_id,
    },
  },
  RateLimited: {
    summary: "Too many requests: `Retry-After` says when to go on",
    value: {
      type: "urn:trstctl:problem:rate_limited",
      title: "Too Many Requests",
      status: 429,
      detail: "this tenant sends more requests than it may; slow down",
      code: "rate_limited",
      trace_id,
    },
  },
} as const;
