/** The doorbell of a wake function: its queue, what is done with a message that fails, and the mapping that calls it. */
import { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnEventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import { deadLetters } from "./dead-letters.ts";

/** Failed calls until a message is put aside; the sweeper rings again each minute, so nothing is lost with it. */
const maxReceiveCount = 5;

export interface WakeQueueProps {
  readonly queueName: string;
  readonly dataKey: IKey;
  /** Of the function; a message is hidden for six times as long. */
  readonly timeoutSeconds: number;
}

export class WakeQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { queueName, dataKey, timeoutSeconds }: WakeQueueProps) {
    super(scope, id);
    this.deadLetters = deadLetters(this, "DeadLetters", `${queueName}-dead`, dataKey);
    this.queue = new Queue(this, "Queue", {
      queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: dataKey,
      dataKeyReuse: Duration.hours(24),
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }

  /** @param atOnce calls at the same time: the bulkhead; undefined: as the account has room */
  rings(target: IFunction, batchSize: number, atOnce: number | undefined): void {
    const mapping = new CfnEventSourceMapping(this, "Rings", {
      eventSourceArn: this.queue.queueArn,
      functionName: target.functionArn,
      batchSize,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(atOnce !== undefined && { scalingConfig: { maximumConcurrency: Math.max(2, atOnce) } }),
    });
    acknowledge(
      mapping,
      "Serverless-LambdaEventSourceMappingDestination",
      "Lambda has failure destinations for streams; what a queue's reader fails at goes to the queue's own dead letters.",
    );
  }
}
