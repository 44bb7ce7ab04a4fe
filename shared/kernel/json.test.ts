import { expect, test } from "vitest";
import { jsonProblem } from "./json.ts";

test.each([
  "trst_secret",
  '{"password":"trst_secret',
  '{"a":trst_secret}',
  '{"a":"trst_secret" "b"}',
  "",
  '"trst_secret\n"',
])("what stands in %j is not in what is said of it", (text) => {
  let problem = "";
  try {
    JSON.parse(text);
  } catch (error) {
    problem = jsonProblem(error);
  }
  expect(problem).toMatch(/^it (is no JSON|breaks off at character \d+)$/);
});

test("of anything else nothing", () => {
  expect(jsonProblem(new TypeError("trst_secret"))).toBe("it is no JSON");
  expect(jsonProblem("trst_secret")).toBe("it is no JSON");
});
