import { Validations } from "aws-cdk-lib";
import { describe, expect, test, vi } from "vitest";
import { type Acknowledged, synthWithNag } from "../nag/nag.ts";
import { policies, policyProblems } from "./all.ts";
import { cheapWhenIdle } from "./idle-cost.ts";
import { faults } from "./faults.ts";
import { appOf, synthesized, variantNames } from "./synthesized.ts";
import { allows, asked, rolesOf, statementsIn } from "./statements.ts";
import { canonical, resourcesOf, type Template, type Templates, where } from "./templates.ts";

/** The first one loads all of CDK, the rules, and a validator. */
const slow = 180_000;

describe("policies over the templates", () => {
  test.each(variantNames)(
    "all hold: %s",
    (variant) => {
      const { templates, deployment } = synthesized(variant);
      expect(templates.size).toBeGreaterThan(2);
      expect(policyProblems(templates, deployment)).toEqual([]);
    },
    slow,
  );

  test(
    "each finds the faults that it is there for",
    () => {
      const written = {
        minimal: JSON.stringify([...canonical(synthesized("minimal").templates)]),
        standard: JSON.stringify([...canonical(synthesized("standard").templates)]),
      };
      const missed = faults.filter(([policy, , plant]) => {
        const variant = policy === cheapWhenIdle ? "minimal" : "standard";
        const changed: Templates = new Map(JSON.parse(written[variant]) as [string, Template][]);
        plant(changed);
        return policy.check(changed, synthesized(variant).deployment).length === 0;
      });
      expect(missed.map(([{ name }, what]) => `${name}: ${what}`)).toEqual([]);
      expect(new Set(faults.map(([policy]) => policy))).toEqual(new Set(policies));
    },
    slow,
  );

  test(
    "the signer's role has of the wrapping key what its code asks of it",
    () => {
      const { templates } = synthesized("standard");
      const [signer] = rolesOf(templates).filter(({ statements }) => statements.some((one) => allows(one, "kms:Sign")));
      const keys = resourcesOf(templates, "AWS::KMS::Key").flatMap((key) =>
        statementsIn(key.properties["KeyPolicy"], where(key)),
      );
      const wrapping = [...(signer?.statements ?? []), ...keys].filter(
        (one) => allows(one, "kms:Encrypt") && asked(one, "Null", "kms:EncryptionContextKeys").length > 0,
      );
      expect(wrapping.map(({ actions }) => actions)).toEqual(Array(2).fill(["kms:Decrypt", "kms:Encrypt"]));
    },
    slow,
  );

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

describe("cdk-nag, AwsSolutions and Serverless", () => {
  test.each(variantNames)(
    "finds nothing but what is acknowledged: %s",
    (variant) => expect(synthesized(variant).findings).toEqual([]),
    slow,
  );

  test(
    "is told why for exactly what `acknowledged.txt` lists, none of it a wildcard over data or keys",
    async () => {
      const all = variantNames.flatMap((variant) => synthesized(variant).acknowledged);
      const lines = new Set(
        all.map(({ at, id, reason }) => `${at.replace("acme-pki-", "trstctl-")}\n  ${id}\n  ${reason}`),
      );
      const text = `${lines.size} findings of cdk-nag are meant to be.\n\n${[...lines].toSorted().join("\n")}\n`;
      await expect(text).toMatchFileSnapshot("../nag/acknowledged.txt");
      const wildcards = new Set(all.filter(({ id }) => id.includes("IAM5")).map(({ id }) => id));
      expect([...wildcards].map((id) => id.replace(/[0-9A-F]{8}\./, "."))).toEqual([
        "AwsSolutions-IAM5[Resource::*]",
        "AwsSolutions-IAM5[Resource::<Public.Arn>/*]",
      ]);
      for (const { at } of all.filter(({ id }) => id.endsWith("[Resource::*]")))
        expect(at).toMatch(/\/(Tracing|Boundary|ExecutionRole)$/);
    },
    slow,
  );

  test.each(["minimal", "standard", "regulated"] as const)(
    "would find each of them: %s",
    (variant) => {
      const said: Acknowledged[] = synthesized(variant).acknowledged.slice();
      const deaf = vi.spyOn(Validations.prototype, "acknowledge").mockImplementation(() => undefined);
      const { findings } = synthWithNag(appOf(variant).app);
      deaf.mockRestore();
      const needless = said.filter(
        ({ at, id }) => !findings.some((one) => one.id === id && `${one.at}/`.startsWith(`${at}/`)),
      );
      expect(needless).toEqual([]);
      expect(findings.length).toBeGreaterThanOrEqual(said.length);
    },
    slow,
  );
});
