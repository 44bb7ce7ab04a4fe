/** What a deployment costs in a month in which nobody asks anything: counted from its synthesized templates. */
import { Code } from "aws-cdk-lib/aws-lambda";
import { newApp, stacksOf } from "#infra/aws/app";
import { deploymentOf } from "#infra/aws/context";
import { restMs } from "#functions/clock/rest";
import type { Measured, Operation } from "./measure.ts";
import { perMillion } from "./model.ts";
import { prices } from "./prices.ts";

export const profiles = ["minimal", "standard", "regulated"] as const;

export interface Idle {
  readonly items: readonly { readonly what: string; readonly dollars: number }[];
  readonly total: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

const minutes = 30 * 24 * 60;
/** Of the clock's function, beside what it does for tenants: its start, the directory, its cursor. */
const assumedRoundMs = 50;
/** An event source mapping polls a queue with five connections, each of which waits 20 s. */
const pollsPerQueue = 5 * 3 * minutes;

type Minutes = Readonly<Pick<Record<Operation, Measured>, "idleMinute" | "restingMinute">>;

/** Dollars: looked at each minute, seen to when its rest is over. */
export function quietTenantMonth({ idleMinute, restingMinute }: Minutes): number {
  const seenTo = 60_000 / restMs;
  const full = perMillion("idleMinute", idleMinute, 0).total;
  const look = perMillion("restingMinute", restingMinute, 0).total;
  return ((full * seenTo + look * (1 - seenTo)) * minutes) / 1e6;
}

export function idleMonth(profile: (typeof profiles)[number], measured: Minutes): Idle {
  const app = newApp();
  stacksOf(app, deploymentOf({ profile }), () => Code.fromInline("0"));
  const resources = app
    .synth()
    .stacks.flatMap(({ template }) => Object.values((template as { Resources: Record<string, Resource> }).Resources));
  const of = (type: string) => resources.filter(({ Type }) => Type === type);
  const keys = of("AWS::KMS::Key").length + of("AWS::KMS::ReplicaKey").length;
  const queues = of("AWS::Lambda::EventSourceMapping").filter(
    ({ Properties }) => !JSON.stringify(Properties?.["EventSourceArn"]).includes("StreamArn"),
  ).length;
  const acls = of("AWS::WAFv2::WebACL");
  const rules = acls.reduce((sum, { Properties }) => sum + ((Properties?.["Rules"] ?? []) as unknown[]).length, 0);
  const items = [
    { what: `${keys} KMS keys`, dollars: keys * prices.kmsKeyMonth },
    { what: `${queues} queues that functions poll`, dollars: queues * pollsPerQueue * prices.sqsRequest },
    {
      what: "the clock, each minute",
      dollars: minutes * (prices.lambdaRequest + (assumedRoundMs / 1000) * prices.lambdaGbSecond),
    },
    { what: "one tenant at rest", dollars: quietTenantMonth(measured) },
    {
      what: `${of("AWS::CloudWatch::Alarm").length} alarms`,
      dollars: of("AWS::CloudWatch::Alarm").length * prices.alarmMonth,
    },
    {
      what: `${of("AWS::CloudWatch::Dashboard").length} dashboards`,
      dollars: of("AWS::CloudWatch::Dashboard").length * prices.dashboardMonth,
    },
    {
      what: `${acls.length} web ACLs with ${rules} rules`,
      dollars: acls.length * prices.webAclMonth + rules * prices.wafRuleMonth,
    },
    {
      what: `${of("AWS::Synthetics::Canary").length} canaries, every 5 minutes`,
      dollars: of("AWS::Synthetics::Canary").length * (minutes / 5) * prices.canaryRun,
    },
  ].filter(({ dollars }) => dollars > 0);
  return { items, total: items.reduce((sum, { dollars }) => sum + dollars, 0) };
}
