/** The emulator does as AWS does where this product leans on it: each mend of `tools/ministack/launch.py`, and what it grew since. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { serverIdentity } from "#test/oidc/certificate";
import { openFront } from "../emulated/front.ts";
import { template } from "./ministack/template.ts";
import { type Ministack, startMinistack } from "./tools/ministack.ts";

let emulator: Ministack;
let options: { endpoint: string; region: string; credentials: Ministack["credentials"] };

beforeAll(async () => {
  emulator = await startMinistack();
  options = { endpoint: emulator.endpoint, region: emulator.region, credentials: emulator.credentials };
  const cloudFormation = new CloudFormationClient(options);
  await cloudFormation.send(new CreateStackCommand({ StackName: "mends", TemplateBody: JSON.stringify(template) }));
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName: "mends" },
  );
});
afterAll(() => emulator.stop());

it("runs functions on the pinned Node, with a context and an environment of their own", async () => {
  const lambda = new LambdaClient(options);
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "mends-context" }));
  const { node, name, arn, remaining, leaked } = JSON.parse(Buffer.from(Payload ?? []).toString());
  expect({ node, name, leaked }).toEqual({ node: process.version, name: "mends-context", leaked: [] });
  expect(arn).toMatch(/:function:mends-context$/);
  expect(remaining).toBeGreaterThan(0);
  expect(remaining).toBeLessThanOrEqual(7000);
});

it("lets a function ask another server on loopback by TLS", async () => {
  const { key, cert } = serverIdentity();
  const server = createServer({ key, cert }, (_, response) => response.writeHead(204).end()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const asked = { host: "127.0.0.1", port: (server.address() as AddressInfo).port, servername: "", ca: cert };
  const lambda = new LambdaClient(options);
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: "mends-asks", Payload: JSON.stringify(asked) }),
  );
  expect(Buffer.from(Payload ?? []).toString()).toBe("204");
});

it("gives a stream's batch again when a function reports a failure, and after the last try to the destination", async () => {
  const dynamo = new DynamoDBClient(options);
  await dynamo.send(new PutItemCommand({ TableName: "mends-table", Item: { pk: { S: "a" } } }));
  const { DDBStreamBatchInfo, requestContext } = JSON.parse(await message("mends-failed-batches"));
  expect(requestContext.condition).toBe("RetryAttemptsExhausted");
  expect(DDBStreamBatchInfo.batchSize).toBe(1);
  const attempts = emulator.log().match(/stream attempt/g) ?? [];
  expect(attempts).toHaveLength(2);
});

it("puts a message that fails every time into the dead-letter queue", async () => {
  const sqs = new SQSClient(options);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl("mends-queue"), MessageBody: "poison" }));
  expect(await message("mends-dead")).toBe("poison");
});

it("keeps objects for a bucket's default retention, and writes only where nothing is when told so", async () => {
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const put = new PutObjectCommand({ Bucket: "mends-locked", Key: "k", Body: "one", IfNoneMatch: "*" });
  const { VersionId } = await s3.send(put);
  await expect(s3.send(put)).rejects.toMatchObject({ name: "PreconditionFailed" });
  await expect(s3.send(new DeleteObjectCommand({ Bucket: "mends-locked", Key: "k", VersionId }))).rejects.toMatchObject(
    { name: "AccessDenied" },
  );
});

it("leads from a distribution to its API", async () => {
  const { Stacks } = await new CloudFormationClient(options).send(new DescribeStacksCommand({ StackName: "mends" }));
  const front = await openFront(emulator.endpoint);
  front.lead(Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? "");
  const answer = await fetch(`${front.url}/some/path`, { method: "POST", body: "hello" });
  expect(await answer.text()).toBe("/some/path hello");
  await front.stop();
});

const queueUrl = (name: string): string => `${emulator.endpoint}/000000000000/${name}`;

/** @returns the body of the first message within a minute */
async function message(queue: string): Promise<string> {
  const sqs = new SQSClient(options);
  for (let tries = 0; tries < 6; tries += 1) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(queue), WaitTimeSeconds: 10 }),
    );
    if (Messages[0]?.Body !== undefined) return Messages[0].Body;
  }
  throw new Error(`nothing in ${queue}:\n${emulator.log().slice(-4000)}`);
}
