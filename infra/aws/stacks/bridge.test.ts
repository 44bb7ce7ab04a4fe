/** The bridge's template, and the one file that its image runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Template } from "aws-cdk-lib/assertions";
import { Code } from "aws-cdk-lib/aws-lambda";
import { describe, expect, it } from "vitest";
import { newApp, stacksOf } from "../app.ts";
import { bundleBridge } from "../bridge-image.ts";
import { deploymentOf } from "../context.ts";

const stacksFor = (contexts: Readonly<Record<string, unknown>>) =>
  stacksOf(newApp(), deploymentOf(contexts), () => Code.fromInline("export const handler = () => 1;"));

describe("the bridge", () => {
  const { bridge } = stacksFor({ bridge: "true" });
  if (bridge === undefined) throw new Error("no bridge");
  const template = Template.fromStack(bridge);

  it("is there when it is asked for", () => {
    expect(stacksFor({}).bridge).toBeUndefined();
  });

  it("is two tasks that are replaced one after another, and back when they do not come up", () => {
    template.hasResourceProperties("AWS::ECS::Service", {
      DesiredCount: 2,
      LaunchType: "FARGATE",
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      },
    });
    template.hasResourceProperties("AWS::ECS::TaskDefinition", {
      RuntimePlatform: { CpuArchitecture: "ARM64" },
      ContainerDefinitions: [{ User: "node", ReadonlyRootFilesystem: true, StopTimeout: 120 }],
    });
  });

  it("passes TLS through, is asked for its health, and is drained before it ends", () => {
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", { Port: 9443, Protocol: "TCP" });
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", {
      Protocol: "TCP",
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "9080",
      HealthCheckPath: "/healthz",
    });
  });

  it("has no NAT, and lets nobody in but through the load balancer", () => {
    template.resourceCountIs("AWS::EC2::NatGateway", 0);
    template.resourceCountIs("AWS::EC2::VPCEndpoint", 2);
    const groups = Object.entries(template.findResources("AWS::EC2::SecurityGroup")) as [
      string,
      { Properties: { SecurityGroupIngress?: { CidrIp?: string; FromPort: number }[] } },
    ][];
    const open = groups.flatMap(([id, { Properties }]) =>
      (Properties.SecurityGroupIngress ?? []).filter(({ CidrIp }) => CidrIp === "0.0.0.0/0").map((rule) => [id, rule]),
    );
    expect(open).toMatchObject([[expect.stringMatching(/^Front/), { FromPort: 9443 }]]);
  });

  it("may do nothing: it serves nobody yet", () => {
    const policies = JSON.stringify(template.findResources("AWS::IAM::Role"));
    expect(policies).not.toMatch(/dynamodb|kms:|lambda:|s3:/);
  });

  it("runs from its one file", async () => {
    const child = spawn(process.execPath, [join(bundleBridge(), "main.mjs")], {
      env: { TRSTCTL_BRIDGE_PORT: "0", TRSTCTL_BRIDGE_HEALTH_PORT: "0", TRSTCTL_BRIDGE_DRAIN_SECONDS: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    expect(JSON.parse(line)).toMatchObject({ message: "listening" });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
