import * as z from "zod";
import { expect, test } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { validate } from "./validate.ts";

const schema = z.strictObject({ name: z.string(), spec: z.strictObject({ days: z.number() }).optional() });

function refusal(value: unknown): Failure {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new TypeError("not refused");
}

test("names the first field and lists all", () => {
  expect(refusal({ name: 1, spec: { days: "x" } })).toMatchObject({
    code: "invalid_field",
    field: "name",
    message: expect.stringMatching(/^name: .*; spec\.days: /) as unknown,
  });
  expect(refusal({ name: "a", spec: { days: 1, dayz: 2 } })).toMatchObject({
    field: "spec.dayz",
    message: "dayz: not known here",
  });
});

test("repeats no value, and no name that is none", () => {
  for (const value of [
    { name: ["hunter2 hunter2"] },
    { "hunter2 hunter2": 1 },
    { name: "a", ["hunter2".repeat(7)]: 1 },
  ])
    expect(JSON.stringify([refusal(value).message, refusal(value).field, refusal(value).extensions])).not.toContain(
      "hunter2",
    );
});
