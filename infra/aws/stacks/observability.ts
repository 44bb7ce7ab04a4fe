/**
 * What tells somebody: alarms to one topic, and outside `minimal` a dashboard, an alarm for each function and the canary's
 * schedule. It needs names alone, so it can be taken away and put back without touching what it watches.
 */
import { Aws, CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { lambdaFunctions } from "#functions/registry";
import { depthOf, lambdaMetric, ownMetric, watch, type Watched } from "../constructs/alarms.ts";
import { Boundary } from "../constructs/boundary.ts";
import { schedule } from "../constructs/schedule.ts";
import type { Deployment } from "../context.ts";
import { alarmTopicName, drillArn, functionName, roleName } from "../names.ts";
import type { CoreStack } from "./core.ts";
import type { DataStack } from "./data.ts";

export interface ObservabilityProps extends StackProps {
  readonly deployment: Deployment;
  readonly data: DataStack;
  readonly core: CoreStack;
}

const canarySeconds = 300;
const httpEntries = lambdaFunctions.filter(({ trigger }) => /^(rest|http)-api$/.test(trigger.kind));

export class ObservabilityStack extends Stack {
  /** Subscribe to it: `aws sns subscribe`. */
  readonly topic: Topic;

  readonly #props: ObservabilityProps;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id, props);
    this.#props = props;
    const { deployment } = props;
    this.topic = this.#topic();
    const action = new SnsAction(this.topic);
    const watched = [...this.#always(), ...(deployment.profile === "minimal" ? [] : this.#beyondMinimal())];
    for (const each of watched) watch(this, deployment.name, action, each);
    if (deployment.profile !== "minimal") {
      this.#canary();
      this.#dashboard();
    }
    new CfnOutput(this, "AlarmTopic", { value: this.topic.topicArn, description: "Subscribe to it" });
  }

  #topic(): Topic {
    const { deployment } = this.#props;
    const topic = new Topic(this, "Alarms", { topicName: alarmTopicName(deployment), enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "CloudWatchTells",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    return topic;
  }

  #nameOf(entry: string): string {
    return functionName(this.#props.deployment, entry);
  }

  /** Lines of a function's log that say something went wrong, counted. */
  #lines(entry: string, id: string, field: string, value: string): IMetric {
    const { core, deployment } = this.#props;
    const logGroup = core.functions.get(entry)?.logGroup;
    if (logGroup === undefined) throw new TypeError(`the core stack has no function \`${entry}\``);
    const filter = new MetricFilter(this, id, {
      logGroup,
      filterPattern: FilterPattern.stringValue(`$.${field}`, "=", value),
      metricNamespace: `trstctl/${deployment.name}`,
      metricName: id,
      metricValue: "1",
    });
    return filter.metric({ statistic: Stats.SUM, period: Duration.minutes(5) });
  }

  /** What nobody may miss; with the ten alarms that are free in an account. */
  #always(): readonly Watched[] {
    const { core } = this.#props;
    const queues = [...core.wakeQueues.keys()].map((entry) => `${this.#nameOf(entry)}-dead`);
    return [
      {
        name: "dead-letters",
        metric: depthOf([this.#nameOf("failures"), ...queues]),
        threshold: 1,
        meaning: "Something failed to the end and waits in a queue of dead letters: look, mend, redrive (docs/aws.md)",
      },
      {
        name: "revocation-overdue",
        metric: ownMetric("clock", "revocation_overdue", Stats.MAXIMUM),
        threshold: 1,
        meaning:
          "A CRL or an OCSP responder's certificate should have been renewed and was not: the clock's log says whose",
      },
      {
        name: "clock-silent",
        metric: ownMetric("clock", "tenants_seen_to", Stats.SUM),
        threshold: 1,
        below: true,
        periods: 3,
        silence: true,
        meaning: "No tenant was seen to for a quarter of an hour: what time alone brings about does not come about",
      },
      {
        name: "reconcile",
        metric: this.#lines("clock", "Reconcile", "duty", "reconcile"),
        threshold: 1,
        meaning:
          "An event speaks of a signature that the signer never made, or reconciling fails: the clock's log says which",
      },
      {
        name: "checkpoint",
        metric: this.#lines("clock", "Checkpoint", "duty", "checkpoint"),
        threshold: 3,
        meaning: "Checkpoints over the log are not made: the newest events are not covered",
      },
      {
        name: "stream-behind",
        metric: lambdaMetric(this.#nameOf("router"), "IteratorAge", Stats.MAXIMUM),
        threshold: 60_000,
        periods: 2,
        meaning:
          "The core table's stream is read a minute late or more: wakes, and with them revocations at the edge, are late",
      },
      {
        name: "signer-errors",
        metric: lambdaMetric(this.#nameOf("signer"), "Errors", Stats.SUM),
        threshold: 1,
        meaning: "The signer does not come up, or ends in the middle of something",
      },
    ];
  }

  #beyondMinimal(): readonly Watched[] {
    return [
      {
        name: "canary",
        metric: ownMetric("canary", "canary_lived", Stats.SUM),
        threshold: 1,
        below: true,
        periods: 3,
        silence: true,
        meaning:
          "No certificate was issued, found good, revoked and found revoked for a quarter of an hour: the canary's log says at which step it ends",
      },
      {
        name: "status-not-stored",
        metric: this.#lines("revocation", "StatusNotStored", "duty", "store"),
        threshold: 5,
        meaning: "Answers are not stored for the edge: every question costs a function, and an outage shows at once",
      },
      {
        name: "restore-drill",
        metric: new Metric({
          namespace: "AWS/States",
          metricName: "ExecutionsFailed",
          dimensionsMap: { StateMachineArn: drillArn(this.#props.deployment) },
          statistic: Stats.SUM,
          period: Duration.minutes(5),
        }),
        threshold: 1,
        meaning: "A restore drill failed: its execution says at what, and whether the copy is still there and costs",
      },
      ...httpEntries.map(
        ({ name }): Watched => ({
          name: `${name}-5xx`,
          metric: ownMetric(name, "answers", Stats.SUM, { status: "5xx" }),
          threshold: 5,
          meaning: `${name} answers 5xx: its log says why`,
        }),
      ),
      ...lambdaFunctions.flatMap(({ name, timeoutSeconds }): readonly Watched[] => [
        {
          name: `${name}-throttled`,
          metric: lambdaMetric(this.#nameOf(name), "Throttles", Stats.SUM),
          threshold: 1,
          meaning: `${name} is asked more than may run at once: raise the account's or the function's concurrency`,
        },
        ...(name === "signer"
          ? []
          : [
              {
                name: `${name}-errors`,
                metric: lambdaMetric(this.#nameOf(name), "Errors", Stats.SUM),
                threshold: 3,
                meaning: `${name} ends in errors: its log says why`,
              },
            ]),
        {
          name: `${name}-slow`,
          metric: lambdaMetric(this.#nameOf(name), "Duration", "p99"),
          threshold: timeoutSeconds * 800,
          periods: 2,
          meaning: `${name} comes near its timeout of ${timeoutSeconds} s`,
        },
      ]),
    ];
  }

  #canary(): void {
    const { deployment, core, data } = this.#props;
    const target = core.functions.get("canary")?.function;
    if (target === undefined) throw new TypeError("the core stack has no canary");
    const boundary = new Boundary(this, roleName(deployment, "observability-boundary"));
    schedule(this, "CanarySchedule", {
      deployment,
      entry: "canary",
      everySeconds: canarySeconds,
      target,
      failures: core.failures,
      dataKey: data.dataKey,
      boundary,
    });
  }

  #dashboard(): void {
    const { deployment, core } = this.#props;
    const graph = (title: string, left: readonly IMetric[]) => new GraphWidget({ title, left: [...left], width: 12 });
    const perFunction = (metricName: string, statistic: string) =>
      lambdaFunctions.map(({ name }) => lambdaMetric(this.#nameOf(name), metricName, statistic).with({ label: name }));
    const dashboard = new Dashboard(this, "Dashboard", { dashboardName: deployment.name });
    dashboard.addWidgets(
      graph(
        "Answers",
        httpEntries.map(({ name }) => ownMetric(name, "answers", Stats.SUM, { status: "2xx" })),
      ),
      graph(
        "Answers that are our fault",
        httpEntries.map(({ name }) => ownMetric(name, "answers", Stats.SUM, { status: "5xx" })),
      ),
    );
    dashboard.addWidgets(
      graph("Duration, p99", perFunction("Duration", "p99")),
      graph("Errors", perFunction("Errors", Stats.SUM)),
    );
    dashboard.addWidgets(
      graph("At once", perFunction("ConcurrentExecutions", Stats.MAXIMUM)),
      graph("Throttled", perFunction("Throttles", Stats.SUM)),
    );
    dashboard.addWidgets(
      graph("Seconds until a CRL or a responder ends", [
        ownMetric("clock", "crl_seconds_to_next_update", Stats.MINIMUM),
        ownMetric("clock", "ocsp_responder_seconds_to_end", Stats.MINIMUM),
      ]),
      graph("Stream and queues", [
        lambdaMetric(this.#nameOf("router"), "IteratorAge", Stats.MAXIMUM),
        ...[...core.wakeQueues.keys()].map((entry) => oldestIn(this.#nameOf(entry))),
      ]),
    );
    dashboard.addWidgets(
      graph("Canary, seconds", [ownMetric("canary", "canary_seconds", Stats.AVERAGE)]),
      graph("Signer", [
        lambdaMetric(this.#nameOf("signer"), "Invocations", Stats.SUM),
        lambdaMetric(this.#nameOf("signer"), "Duration", "p50"),
      ]),
    );
  }
}

const oldestIn = (QueueName: string): IMetric =>
  new Metric({
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensionsMap: { QueueName },
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(5),
  });
