/** What a commit sets off: stream → router → queues → projections and outbox; and what becomes of a message that poisons. */
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { beforeAll, expect, it } from "vitest";
import { projections } from "#events/projections/registry";
import { newCsr } from "../e2e/openssl.ts";
import { deployment, eventually, newTenant, type Tenant } from "./deployed.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant("wakes");
});

async function issue(name: string): Promise<string> {
  const csr = await newCsr(tenant.directory, name, `${name}.example.test`);
  return (await tenant.curl("POST", "/certificates", { csr })).json.id;
}

it("brings projections up to the log, and effects to where they go", async () => {
  const ids = await Promise.all(["one", "two", "three"].map(issue));
  await tenant.trstctl("certificates", "revoke", ids[0] ?? "", "--yes");
  await eventually("the summary", async () => {
    const { events_behind } = (await tenant.curl("GET", "/certificates/summary")).json;
    return events_behind === 0 ? true : undefined;
  });
  const effects = await eventually("every effect delivered", async () => {
    const { items } = (await tenant.curl("GET", "/outbox?limit=100")).json;
    return items.length > 0 && items.every(({ status }: { status: string }) => status === "delivered")
      ? items
      : undefined;
  });
  expect(effects.map(({ destination }: { destination: string }) => destination)).toContain("crl.publish");
  const state = await tenant.trstctl("audit", "state");
  expect(state.projections.length).toBeGreaterThan(0);
  expect(state).toMatchObject({ clean: true, differing: [] });
});

it("puts a message that fails every time into its dead-letter queue, and serves the others meanwhile", async () => {
  const { name, endpoint, region, credentials } = deployment();
  const sqs = new SQSClient({ endpoint, region, credentials });
  const urlOf = async (queue: string): Promise<string> =>
    (await sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-${queue}` }))).QueueUrl ?? "";
  const [queue, dead] = [await urlOf("projections"), await urlOf("projections-dead")];
  // As deployed it waits for six times the function's time limit between two tries.
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { VisibilityTimeout: "1" } }));
  const poisoned = await newTenant("poisoned");
  // What no writer of ours leaves behind: cursors that do not read, of a revision that nobody under way can replace.
  const dynamo = new DynamoDBClient({ endpoint, region, credentials });
  for (const { name: projection } of projections) {
    const key = { pk: { S: `T#poisoned#P#${projection}` }, sk: { S: "CURSOR" } };
    const Item = { ...key, rev: { N: "1000000" }, body: { S: "not JSON" } };
    await dynamo.send(new PutItemCommand({ TableName: `${name}-core`, Item }));
  }
  const body = JSON.stringify({ tenant: poisoned.id });
  await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body }));
  const found = await eventually("the dead letter", async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, WaitTimeSeconds: 5 }));
    return Messages?.[0]?.Body;
  });
  expect(JSON.parse(found)).toEqual({ tenant: "poisoned" });
  await issue("meanwhile");
  await eventually("the summary of another tenant", async () =>
    (await tenant.curl("GET", "/certificates/summary")).json.events_behind === 0 ? true : undefined,
  );
});
