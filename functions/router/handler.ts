import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { sqsClient, sqsWakeQueues } from "#shared/adapters/aws/wake-queues";
import { lambda, required } from "../lambda/shell.ts";
import { createRouter } from "./app.ts";

export const handler = lambda<DynamoDBStreamEvent, DynamoDBBatchResponse>("router", async (shell) =>
  createRouter(sqsWakeQueues(sqsClient(), required(shell, "TRSTCTL_WAKE_QUEUES")), shell.report),
);
