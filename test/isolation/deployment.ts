/** The roles, bucket policies and tables of a deployment, from its synthesized templates. */
import { Code } from "aws-cdk-lib/aws-lambda";
import { newApp, stacksOf } from "#infra/aws/app";
import { deploymentOf } from "#infra/aws/context";
import { type Deployed, readTemplates, type Template } from "./template.ts";

export const account = "111122223333";
export const region = "eu-central-1";

/** @param context as an operator gives it to CDK */
export function synthesized(context: Readonly<Record<string, unknown>> = {}): Deployed {
  const app = newApp();
  // What a function does is not asked here: its code is not bundled.
  stacksOf(app, deploymentOf(context), () => Code.fromInline("0"));
  const { stacks } = app.synth();
  return readTemplates(
    stacks.map(({ template }) => template as Template),
    { account, region },
  );
}
