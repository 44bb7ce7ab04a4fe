/** The core table's stream calls the router. A record that it fails at is put aside, and the sweeper rings in its place. */
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

const streamArnOf = ({ tableStreamArn }: TableV2): string => {
  if (tableStreamArn === undefined) throw new TypeError("the core table has no stream");
  return tableStreamArn;
};

export const streamStatements = (table: TableV2): PolicyStatement[] => [
  new PolicyStatement({
    sid: "Stream",
    actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    resources: [streamArnOf(table)],
  }),
];

export interface CoreStreamProps {
  readonly table: TableV2;
  readonly target: IFunction;
  readonly failures: IQueue;
  readonly filters: readonly object[];
}

export const coreStream = (scope: Construct, { table, target, failures, filters }: CoreStreamProps) =>
  new CfnEventSourceMapping(scope, "CoreStream", {
    eventSourceArn: streamArnOf(table),
    functionName: target.functionArn,
    startingPosition: "TRIM_HORIZON",
    batchSize: 100,
    parallelizationFactor: 4,
    functionResponseTypes: ["ReportBatchItemFailures"],
    bisectBatchOnFunctionError: true,
    // For ever is the default, and one bad record would stop the shard.
    maximumRetryAttempts: 5,
    maximumRecordAgeInSeconds: 6 * 3600,
    destinationConfig: { onFailure: { destination: failures.queueArn } },
    filterCriteria: { filters: filters.map((filter) => ({ pattern: JSON.stringify(filter) })) },
  });
