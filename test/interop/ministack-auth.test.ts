/** With `auth` the emulator holds callers to their policies, with the conditions that the tenant role has. */
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import {
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isolated } from "./ministack/isolated.ts";
import { type Ministack, startMinistack } from "./tools/ministack.ts";

let emulator: Ministack;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  emulator = await startMinistack({ auth: true });
  const options = { endpoint: emulator.endpoint, region: emulator.region, credentials: emulator.credentials };
  const cloudFormation = new CloudFormationClient(options);
  const create = {
    StackName: "isolated",
    TemplateBody: JSON.stringify(isolated),
    Capabilities: ["CAPABILITY_NAMED_IAM"],
  };
  await cloudFormation.send(new CreateStackCommand({ ...create, Capabilities: ["CAPABILITY_NAMED_IAM"] }));
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName: "isolated" },
  );
  const { Credentials } = await new STSClient(options).send(
    new AssumeRoleCommand({
      RoleArn: "arn:aws:iam::000000000000:role/isolated-tenant",
      RoleSessionName: "t",
      Tags: [{ Key: "tenant", Value: "a" }],
    }),
  );
  dynamo = new DynamoDBClient({
    ...options,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    },
  });
});
afterAll(() => emulator.stop());

const TableName = "isolated";
const item = (tenant: string) => ({ pk: { S: `T#${tenant}#x` } });
const denied = { name: "AccessDeniedException" };

it("lets a tenant's role reach its own items", async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: item("a") }));
  await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: item("a") } }] }));
  const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "T#a#x" } } };
  expect((await dynamo.send(new QueryCommand({ TableName, ...query }))).Count).toBe(1);
});

it("denies it everything else", async () => {
  await expect(dynamo.send(new PutItemCommand({ TableName, Item: item("b") }))).rejects.toMatchObject(denied);
  await expect(dynamo.send(new PutItemCommand({ TableName, Item: item("ab") }))).rejects.toMatchObject(denied);
  const both = [{ Put: { TableName, Item: item("a") } }, { Put: { TableName, Item: item("b") } }];
  await expect(dynamo.send(new TransactWriteItemsCommand({ TransactItems: both }))).rejects.toMatchObject(denied);
  const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "T#b#x" } } };
  await expect(dynamo.send(new QueryCommand({ TableName, ...query }))).rejects.toMatchObject(denied);
  await expect(dynamo.send(new ScanCommand({ TableName }))).rejects.toMatchObject(denied);
  await expect(
    dynamo.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "isolated" WHERE pk = 'T#a#x'` })),
  ).rejects.toMatchObject(denied);
});
