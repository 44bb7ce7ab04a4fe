/** Wakes by SQS: one queue for each wake function, `{tenant}` in a message. */
import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { Failure } from "#shared/kernel/failure";
import { serviceFailure } from "./service-failure.ts";

export const sqsClient = (options: SQSClientConfig = {}): SQSClient =>
  new SQSClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

export interface QueuedWake {
  /** Of the wake function. */
  readonly queue: string;
  readonly tenant: string;
  /** 0 to 900. */
  readonly delaySeconds?: number;
}

export interface WakeQueues {
  /** At least once for each that is not returned. @returns those that did not go, each with why */
  send(wakes: readonly QueuedWake[]): Promise<readonly { readonly wake: QueuedWake; readonly error: unknown }[]>;
}

/** The most that one request takes. */
const batchSize = 10;
export const maxDelaySeconds = 900;

/** @param urls wake function → URL of its queue */
export function sqsWakeQueues(client: SQSClient, urls: Readonly<Record<string, string>>): WakeQueues {
  async function sendBatch(queue: string, wakes: readonly QueuedWake[]) {
    const QueueUrl = urls[queue];
    if (QueueUrl === undefined)
      throw new Failure(
        "misconfigured",
        `TRSTCTL_WAKE_QUEUES has no queue for ${queue}: deploy the stacks of one version`,
      );
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: wakes.map(({ tenant, delaySeconds }, n) => ({
          Id: String(n),
          MessageBody: JSON.stringify({ tenant }),
          MessageGroupId: tenant, // a fair queue: a tenant with many messages does not stand before the others (I8)
          ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
        })),
      }),
    );
    return (answer.Failed ?? []).flatMap(({ Id, Code, Message }) => {
      const wake = wakes[Number(Id)];
      const error = new Failure("unavailable", `the queue of ${queue} did not take a wake: ${Code} ${Message ?? ""}`);
      return wake === undefined ? [] : [{ wake, error }];
    });
  }

  return {
    async send(wakes) {
      const batches = [...Map.groupBy(wakes, ({ queue }) => queue)].flatMap(([queue, mine]) =>
        Array.from({ length: Math.ceil(mine.length / batchSize) }, (_, n) => ({
          queue,
          wakes: mine.slice(n * batchSize, (n + 1) * batchSize),
        })),
      );
      const failed = await Promise.all(
        batches.map(async ({ queue, wakes: mine }) => {
          try {
            return await sendBatch(queue, mine);
          } catch (cause) {
            const error = serviceFailure(
              cause,
              { shown: `the queue of ${queue}`, place: `the queue of ${queue}` },
              {
                QueueDoesNotExist: "does not exist: deploy the stack first",
                "AWS.SimpleQueueService.NonExistentQueue": "does not exist: deploy the stack first",
              },
            );
            return mine.map((wake) => ({ wake, error }));
          }
        }),
      );
      return failed.flat();
    },
  };
}
