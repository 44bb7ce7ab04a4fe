/** From contexts to templates that hold: bundles, stacks, cdk-nag, our own policies. Needs no account, network or Docker. */
import { Code } from "aws-cdk-lib/aws-lambda";
import { lambdaFunctions } from "#functions/registry";
import { newApp, stacksOf } from "./app.ts";
import { buildBundles } from "./bundles.ts";
import { type Deployment, deploymentOfApp } from "./context.ts";
import { acknowledgedIn, synthWithNag } from "./nag/nag.ts";
import { policyProblems } from "./policies/all.ts";
import { templatesOf } from "./policies/templates.ts";

export interface SynthesisProps {
  /** Beside those that the CDK CLI hands to its app. */
  readonly context: Readonly<Record<string, string>>;
  /** Where the assembly goes; without: where the CDK CLI wants it. */
  readonly outdir?: string;
}

export interface Synthesis {
  readonly deployment: Deployment;
  readonly directory: string;
  readonly stacks: readonly { readonly name: string; readonly resources: number }[];
  /** Findings of cdk-nag that are meant to be. */
  readonly acknowledged: number;
  /** What does not hold: such templates are not to be deployed. */
  readonly problems: readonly string[];
}

/** @throws ContextError before anything is built */
export async function synthesize({ context, outdir }: SynthesisProps): Promise<Synthesis> {
  const app = newApp({ context, ...(outdir !== undefined && { outdir }) });
  const deployment = deploymentOfApp(app.node);
  const bundles = new Map((await buildBundles(lambdaFunctions)).map(({ name, directory }) => [name, directory]));
  stacksOf(app, deployment, ({ name }) => {
    const directory = bundles.get(name);
    if (directory === undefined) throw new TypeError(`no bundle was built for ${name}`);
    return Code.fromAsset(directory);
  });
  const { assembly, findings } = synthWithNag(app);
  const found = findings.map(({ at, id }) => `${at}: ${id}`);
  if (assembly === undefined)
    return { deployment, directory: app.outdir, stacks: [], acknowledged: 0, problems: found };
  const templates = templatesOf(assembly);
  return {
    deployment,
    directory: assembly.directory,
    stacks: [...templates].map(([name, { Resources }]) => ({ name, resources: Object.keys(Resources).length })),
    acknowledged: acknowledgedIn(app).length,
    problems: [...found, ...policyProblems(templates, deployment)],
  };
}
