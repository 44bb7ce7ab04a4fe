/** Where what could not be handled waits for a human, 14 days, encrypted, over TLS only. */
import { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { acknowledge } from "../acknowledge.ts";
import type { Construct } from "constructs";

export function deadLetters(scope: Construct, id: string, queueName: string, encryptionMasterKey: IKey): Queue {
  const queue = new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey,
    dataKeyReuse: Duration.hours(24),
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, "Serverless-SQSRedrivePolicy", "It is the end of the line: nothing reads it but a human.");
  return queue;
}
