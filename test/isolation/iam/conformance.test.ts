/** The evaluator against what AWS documents. */
import { describe, expect, test } from "vitest";
import { account, arn, conformance, resource } from "./conformance-table.ts";
import { decide } from "./evaluate.ts";
import { readPolicy } from "./policy.ts";

describe("the evaluator decides as IAM documents", () => {
  test.each(conformance)("$says ($source)", (row) => {
    const Version = row.version ?? "2012-10-17";
    const policies = [readPolicy({ Version, Statement: [row.statement, ...(row.also ?? [])] })];
    const principal = { arn, account, tags: row.tags ?? {}, policies };
    const question = {
      action: row.action ?? "dynamodb:GetItem",
      resource: row.resource ?? resource,
      context: row.context ?? {},
    };
    expect(decide(principal, question).allowed).toBe(row.allowed);
  });

  test("a resource's policy that names the role allows by itself; one that names the account leaves it to the role's", () => {
    const bucket = (AWS: string) =>
      readPolicy({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" }],
      });
    const question = { action: "sts:AssumeRole", resource: "arn:aws:iam::111122223333:role/tenant", context: {} };
    const mine = readPolicy({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }],
    });
    const without = { arn, account, tags: {}, policies: [] };
    const withOwn = { ...without, policies: [mine] };
    expect(decide(without, question, bucket(arn)).allowed).toBe(true);
    expect(decide(without, question, bucket(`arn:aws:iam::${account}:root`)).allowed).toBe(false);
    expect(decide(withOwn, question, bucket(`arn:aws:iam::${account}:root`)).allowed).toBe(true);
    expect(decide(withOwn, question, bucket("arn:aws:iam::111122223333:role/y")).allowed).toBe(false);
  });

  test.each([
    [{ Effect: "Allow", Action: "a:b", Resource: "*", Condition: { DateEquals: { k: "1" } } }],
    [{ Effect: "Allow", Action: "a:b", Resource: "*", NotPrincipal: "*" }],
    [{ Effect: "Allow", Action: "a:b" }],
    [{ Effect: "Allow", Action: "a:b", Resource: { Ref: "Table" } }],
  ])("refuses %j instead of guessing", (statement) => {
    const question = { action: "a:b", resource: "*", context: { k: "1" } };
    expect(() =>
      decide(
        { arn, account, tags: {}, policies: [readPolicy({ Version: "2012-10-17", Statement: statement })] },
        question,
      ),
    ).toThrow(/^policy: /);
  });
});
