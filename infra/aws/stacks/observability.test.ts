/** What tells somebody, and what it costs. */
import { Template } from "aws-cdk-lib/assertions";
import { Code } from "aws-cdk-lib/aws-lambda";
import { describe, expect, it } from "vitest";
import { lambdaFunctions } from "#functions/registry";
import { newApp, stacksOf } from "../app.ts";
import { deploymentOf } from "../context.ts";

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly TreatMissingData: string;
  readonly Metrics?: readonly { readonly MetricStat?: object; readonly Expression?: string }[];
}

function observed(contexts: Readonly<Record<string, string>>) {
  const { observability } = stacksOf(newApp(), deploymentOf(contexts), () =>
    Code.fromInline("export const handler = 1;"),
  );
  const template = Template.fromStack(observability);
  const alarms = (Object.values(template.findResources("AWS::CloudWatch::Alarm")) as { Properties: Alarm }[]).map(
    ({ Properties }) => Properties,
  );
  return { template, alarms: new Map(alarms.map((alarm) => [alarm.AlarmName.replace("trstctl-", ""), alarm])) };
}

/** An alarm is paid for by metric. */
const metricsOf = ({ Metrics }: Alarm): number => Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1;

describe("what tells somebody", () => {
  const minimal = observed({});
  const standard = observed({ profile: "standard" });

  it("costs almost nothing in minimal: the alarms that are free, no dashboard, no canary", () => {
    const metrics = [...minimal.alarms.values()].reduce((sum, alarm) => sum + metricsOf(alarm), 0);
    expect(metrics).toBeLessThanOrEqual(10);
    minimal.template.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
    minimal.template.resourceCountIs("AWS::Scheduler::Schedule", 0);
  });

  it("watches every function beyond that, and lives a certificate's life every five minutes", () => {
    for (const { name } of lambdaFunctions)
      for (const what of ["throttled", "errors", "slow"])
        expect(standard.alarms.has(`${name}-${what}`), name).toBe(true);
    standard.template.hasResourceProperties("AWS::Scheduler::Schedule", { ScheduleExpression: "rate(5 minutes)" });
    standard.template.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  });

  it("says in each alarm what is wrong, to one topic", () => {
    for (const alarm of standard.alarms.values()) {
      expect(alarm.AlarmDescription.length, alarm.AlarmName).toBeGreaterThan(30);
      expect(alarm.AlarmActions).toHaveLength(1);
    }
    standard.template.resourceCountIs("AWS::SNS::Topic", 1);
  });

  it("takes silence for a sign where it is one", () => {
    for (const name of ["clock-silent", "canary"])
      expect(standard.alarms.get(name)?.TreatMissingData).toBe("breaching");
    expect(standard.alarms.get("reconcile")?.TreatMissingData).toBe("notBreaching");
  });

  it("adds queues without figures as empty ones", () => {
    const expressions = minimal.alarms.get("dead-letters")?.Metrics?.flatMap(({ Expression = [] }) => Expression) ?? [];
    expect(expressions).toEqual(["FILL(q0, 0) + FILL(q1, 0) + FILL(q2, 0) + FILL(q3, 0)"]);
  });
});
