/** What wakes somebody. Every alarm says what is wrong and where to look; silence is no alarm unless it is the sign. */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Construct } from "constructs";

export interface Watched {
  /** In the stack, and after the deployment's name in CloudWatch. */
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly below?: true;
  /** Periods in a row. */
  readonly periods?: number;
  /** No figures at all are the sign. */
  readonly silence?: true;
  readonly meaning: string;
}

export function watch(scope: Construct, deploymentName: string, action: SnsAction, watched: Watched): Alarm {
  const { name, metric, threshold, below = false, periods = 1, silence = false, meaning } = watched;
  const alarm = new Alarm(scope, `Alarm-${name}`, {
    alarmName: `${deploymentName}-${name}`,
    alarmDescription: meaning,
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: below
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: silence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}

const period = Duration.minutes(5);

/** Of a function, by its name in the deployment. */
export const lambdaMetric = (FunctionName: string, metricName: string, statistic: string): Metric =>
  new Metric({ namespace: "AWS/Lambda", metricName, dimensionsMap: { FunctionName }, statistic, period });

/** What our functions measure themselves (functions/lambda/metrics.ts). */
export const ownMetric = (
  functionEntry: string,
  metricName: string,
  statistic: string,
  dimensions: Readonly<Record<string, string>> = {},
): Metric =>
  new Metric({
    namespace: "trstctl",
    metricName,
    dimensionsMap: { function: functionEntry, ...dimensions },
    statistic,
    period,
  });

/** Messages of all of them; an alarm is paid for by metric, and one look tells which. */
export function depthOf(queueNames: readonly string[]): MathExpression {
  const usingMetrics = Object.fromEntries(
    queueNames.map((QueueName, n) => [
      `q${n}`,
      new Metric({
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensionsMap: { QueueName },
        statistic: Stats.MAXIMUM,
        period,
      }),
    ]),
  );
  // A queue that nobody used for hours has no figures, and a sum with one that has none has none either.
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(" + ");
  return new MathExpression({ expression, usingMetrics, period });
}
