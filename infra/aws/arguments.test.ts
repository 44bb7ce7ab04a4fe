import { expect, test } from "vitest";
import { givenIn } from "./arguments.ts";

const options = { yes: { type: "boolean", short: "y" } } as const;

test("contexts and the words beside them", () => {
  expect(
    givenIn(["-c", "profile=standard", "--context", "caKeys=P-256,P-384", "-c", "domain=a=b", "-y"], options),
  ).toEqual({ context: { profile: "standard", caKeys: "P-256,P-384", domain: "a=b" }, values: { yes: true } });
  expect(givenIn([], options)).toEqual({ context: {}, values: {} });
});

test.each([
  [["-c", "profile"], "-c profile: expected name=value"],
  [["-c", "=x"], "-c =x: expected name=value"],
  [["--force"], "Unknown option '--force'"],
  [["standard"], "Unexpected argument 'standard'"],
])("%j is told", (words, problem) => {
  expect(() => givenIn(words, options)).toThrow(problem);
});
