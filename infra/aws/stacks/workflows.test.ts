/** The restore drill as CDK emits it. What it does is shown by test/contract/restore-drill.test.ts. */
import { Template } from "aws-cdk-lib/assertions";
import { Code } from "aws-cdk-lib/aws-lambda";
import { StateMachine } from "aws-local-stepfunctions";
import { describe, expect, it } from "vitest";
import { newApp, stacksOf } from "../app.ts";
import { deploymentOf } from "../context.ts";

const emitted = (contexts: Readonly<Record<string, string>>) => {
  const { workflows } = stacksOf(newApp(), deploymentOf(contexts), () => Code.fromInline("export const handler = 1;"));
  return Template.fromStack(workflows);
};

/** A definition as CloudFormation puts it together in an account. */
function definitionIn(template: Template): {
  readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
} {
  const [machine] = Object.values(template.findResources("AWS::StepFunctions::StateMachine")) as {
    readonly Properties: { readonly DefinitionString: { readonly "Fn::Join": readonly [string, readonly unknown[]] } };
  }[];
  const [separator, parts] = machine?.Properties.DefinitionString["Fn::Join"] ?? ["", []];
  const known: Readonly<Record<string, string>> = {
    '{"Ref":"AWS::Partition"}': "aws",
    '{"Ref":"AWS::Region"}': "eu-central-1",
    '{"Ref":"AWS::AccountId"}': "111122223333",
  };
  const written = parts.map((part) =>
    typeof part === "string" ? part : (known[JSON.stringify(part)] ?? "trstctl-core"),
  );
  return JSON.parse(written.join(separator)) as ReturnType<typeof definitionIn>;
}

describe("the restore drill", () => {
  const template = emitted({});
  const definition = definitionIn(template);
  const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === "Task");

  it("is there in every profile", () => {
    for (const profile of ["minimal", "standard", "regulated"])
      emitted({ profile }).resourceCountIs("AWS::StepFunctions::StateMachine", 1);
  });

  it("is Amazon States Language in JSONPath, and names what the deployment is called", () => {
    expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|\{%/);
    expect(() => new StateMachine(structuredClone(definition) as never)).not.toThrow();
    expect(() => new StateMachine({ ...structuredClone(definition), StartAt: "Nowhere" } as never)).toThrow(/invalid/);
    expect(definition.States["RestoreLatest"]?.["Parameters"]).toMatchObject({
      TargetTableName: "trstctl-restore-drill",
    });
    expect(definition.States["Check"]?.["Parameters"]).toMatchObject({
      FunctionName: "arn:aws:lambda:eu-central-1:111122223333:function:trstctl-restore-check",
    });
  });

  it("catches what every task may fail with, and reaches the deletion from all that come behind the restore", () => {
    const next = new Map(tasks.map(([name, { Catch }]) => [name, (Catch as { Next: string }[]).at(-1)?.Next]));
    expect(Object.fromEntries(next)).toEqual({
      RestoreToTime: "Tell",
      RestoreLatest: "Tell",
      Describe: "Delete",
      Check: "Delete",
      Delete: "Kept",
      Tell: "Outcome",
    });
    for (const [name, { Retry }] of tasks) expect((Retry as object[]).length, name).toBeGreaterThan(0);
  });

  it("may do what its tasks ask for", () => {
    const asked = tasks
      .map(([, { Resource }]) => String(Resource).split(":").slice(-3))
      .filter(([kind]) => kind === "aws-sdk")
      .map(([, service, action = ""]) => `${service}:${action.charAt(0).toUpperCase()}${action.slice(1)}`);
    const policies = JSON.stringify(template.findResources("AWS::IAM::Role"));
    expect(new Set(asked).size).toBe(3);
    for (const action of [...asked, "lambda:InvokeFunction", "sns:Publish"]) expect(policies).toContain(`"${action}"`);
  });
});
