/** Events of the other sources: SQS and DynamoDB streams, with the fields that a handler may look at. */
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from "aws-lambda";

export const queueEvent = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, n) => ({
    messageId: `m${n}`,
    receiptHandle: "-",
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "0",
      SenderId: "-",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: "-",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:q",
    awsRegion: "eu-central-1",
  })),
});

export const wakeOf = (tenant: string): string => JSON.stringify({ tenant });

export interface Written {
  readonly pk: string;
  readonly sk: string;
  /** Partition of the item's entry in a view. */
  readonly vpk?: string;
  readonly eventName?: "INSERT" | "MODIFY" | "REMOVE";
}

export const streamEvent = (written: readonly Written[]): DynamoDBStreamEvent => ({
  Records: written.map(({ pk, sk, vpk, eventName = "INSERT" }, n): DynamoDBRecord => {
    const Keys = { pk: { S: pk }, sk: { S: sk } };
    return {
      eventID: String(n),
      eventName,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "eu-central-1",
      eventSourceARN: "-",
      dynamodb: {
        Keys,
        SequenceNumber: String(1000 + n),
        StreamViewType: "NEW_IMAGE",
        ...(eventName !== "REMOVE" && { NewImage: { ...Keys, ...(vpk !== undefined && { vpk: { S: vpk } }) } }),
      },
    };
  }),
});
