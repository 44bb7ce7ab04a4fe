import { describe, expect, test } from "vitest";
import { policies, policyProblems } from "./all.ts";
import { faults } from "./faults.ts";
import { synthesized, variantNames } from "./synthesized.ts";
import { canonical, type Template, type Templates } from "./templates.ts";

describe("policies over the templates", () => {
  test.each(variantNames)("all hold: %s", (variant) => {
    const { templates, deployment } = synthesized(variant);
    expect(templates.size).toBeGreaterThan(2);
    expect(policyProblems(templates, deployment)).toEqual([]);
  });

  test("each finds the faults that it is there for", () => {
    const { templates, deployment } = synthesized("standard");
    const written = JSON.stringify([...canonical(templates)]);
    const missed = faults.filter(([policy, , plant]) => {
      const changed: Templates = new Map(JSON.parse(written) as [string, Template][]);
      plant(changed);
      return policy.check(changed, deployment).length === 0;
    });
    expect(missed.map(([{ name }, what]) => `${name}: ${what}`)).toEqual([]);
    expect(new Set(faults.map(([policy]) => policy))).toEqual(new Set(policies));
  });

  test("read references to other stacks as what those export", () => {
    const data = {
      Resources: { Table: { Type: "AWS::DynamoDB::GlobalTable" } },
      Outputs: { Out: { Value: { "Fn::GetAtt": ["Table", "Arn"] }, Export: { Name: "data:Out" } } },
    };
    const index = { "Fn::Join": ["", [{ "Fn::ImportValue": "data:Out" }, "/index/", { Ref: "AWS::Region" }]] };
    const core = { Resources: { Role: { Type: "AWS::IAM::Role", Properties: { at: index, own: { Ref: "Role" } } } } };
    const read = canonical(
      new Map<string, Template>([
        ["data", data],
        ["core", core],
      ]),
    );
    expect(read.get("core")?.Resources["Role"]?.Properties).toEqual({
      at: "<data/Table.Arn>/index/<AWS::Region>",
      own: "<core/Role>",
    });
  });
});
