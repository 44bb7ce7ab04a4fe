/** All stacks of a deployment, and in which order they come. */
import { App, type AppProps, type Environment } from "aws-cdk-lib";
import type { CodeOf } from "./constructs/registry-function.ts";
import type { Deployment } from "./context.ts";
import { stackName } from "./names.ts";
import { CoreStack } from "./stacks/core.ts";
import { DataStack } from "./stacks/data.ts";
import { bridgeImage } from "./bridge-image.ts";
import { BridgeStack } from "./stacks/bridge.ts";
import { EdgeStack } from "./stacks/edge.ts";
import { KeysStack } from "./stacks/keys.ts";
import { ObservabilityStack } from "./stacks/observability.ts";
import { WafStack } from "./stacks/waf.ts";
import { WorkflowsStack } from "./stacks/workflows.ts";

/** Where CDK's present behaviour has to be asked for. */
const flags = {
  "@aws-cdk/aws-apigateway:disableCloudWatchRole": true,
  "@aws-cdk/aws-codedeploy:removeAlarmsFromDeploymentGroup": true,
  "@aws-cdk/aws-lambda:recognizeLayerVersion": true,
  "@aws-cdk/aws-s3:publicAccessBlockedByDefault": true,
  "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
  "@aws-cdk/core:enablePartitionLiterals": true,
  // What CloudFormation would refuse, synth does: circular dependencies, properties that are none.
  "@aws-cdk/core:validateAgainstDefaultRules": true,
};

/** The names of stacks are the operator's; nothing of CDK's own is reported anywhere. */
export const newApp = (props: AppProps = {}): App =>
  new App({ analyticsReporting: false, ...props, context: { ...flags, ...props.context } });

export interface Stacks {
  readonly data: DataStack;
  readonly keys: KeysStack;
  readonly core: CoreStack;
  readonly edge: EdgeStack;
  /** In us-east-1; not in `minimal`. */
  readonly waf: WafStack | undefined;
  /** With the context `bridge`. */
  readonly bridge: BridgeStack | undefined;
  readonly workflows: WorkflowsStack;
  readonly observability: ObservabilityStack;
}

export function stacksOf(app: App, deployment: Deployment, codeOf: CodeOf): Stacks {
  const env = environmentOf(deployment);
  const data = new DataStack(app, stackName(deployment, "data"), { deployment, ...env });
  const keys = new KeysStack(app, stackName(deployment, "keys"), {
    deployment,
    codeOf,
    ...environmentOf({ ...deployment, account: deployment.caAccount ?? deployment.account }),
  });
  const core = new CoreStack(app, stackName(deployment, "core"), { deployment, codeOf, data, ...env });
  // By name only, so that the keys can be in another account.
  core.addStackDependency(keys);
  const edge = new EdgeStack(app, stackName(deployment, "edge"), { deployment, data, core, ...env });
  const waf =
    deployment.profile === "minimal"
      ? undefined
      : new WafStack(app, stackName(deployment, "waf"), {
          deployment,
          ...environmentOf({ ...deployment, region: "us-east-1" }),
        });
  if (waf !== undefined) edge.addStackDependency(waf);
  const bridge = deployment.bridge
    ? new BridgeStack(app, stackName(deployment, "bridge"), { deployment, data, image: bridgeImage(), ...env })
    : undefined;
  const workflows = new WorkflowsStack(app, stackName(deployment, "workflows"), {
    deployment,
    codeOf,
    data,
    core,
    ...env,
  });
  const observability = new ObservabilityStack(app, stackName(deployment, "observability"), {
    deployment,
    data,
    core,
    ...env,
  });
  return { data, keys, core, edge, waf, bridge, workflows, observability };
}

/** Without account and Region the templates fit any: they are those of the credentials. */
const environmentOf = ({ account, region }: Deployment): { env?: Environment } =>
  account === undefined && region === undefined
    ? {}
    : { env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) } };
