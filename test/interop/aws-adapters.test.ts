/** The adapters of S3, SQS, SSM and KMS on the emulator: the contract of Blob, and what each says when something is missing. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateKeyCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { s3Blob, s3Client } from "#shared/adapters/aws/blob";
import { hostSecret, kmsClient } from "#shared/adapters/aws/host-secret";
import { fetchSettings, ssmClient } from "#shared/adapters/aws/settings";
import { sqsClient, sqsWakeQueues } from "#shared/adapters/aws/wake-queues";
import { blobContract } from "#test/contract/blob-contract";
import { type Ministack, startMinistack } from "./tools/ministack.ts";

let ministack: Ministack;
const options = () => ({
  endpoint: ministack.endpoint,
  region: ministack.region,
  credentials: ministack.credentials,
});
beforeAll(async () => {
  ministack = await startMinistack();
});
afterAll(() => ministack.stop());

const s3 = () => s3Client({ ...options(), forcePathStyle: true });

blobContract("S3", async () => {
  const client = s3();
  await client.send(new CreateBucketCommand({ Bucket: "blobs" }));
  return {
    blob: s3Blob({ clientOf: () => client, bucket: "blobs" }),
    remove: async () => client.destroy(),
  };
});

test("a client of each tenant's own, and a bucket that is not there", async () => {
  const client = s3();
  const asked: string[] = [];
  const blob = s3Blob({
    clientOf(tenant) {
      asked.push(tenant);
      return client;
    },
    bucket: "nowhere",
  });
  await expect(blob.get("acme/crl/a")).rejects.toMatchObject({ code: "misconfigured" });
  await expect(blob.list("bravo/crl/")).rejects.toMatchObject({ code: "misconfigured" });
  expect(asked).toEqual(["acme", "bravo"]);
  client.destroy();
});

describe("wakes by SQS", () => {
  test("go to the queue of their function, any number at once; those of a queue that is not there come back", async () => {
    const client = sqsClient(options());
    const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: "outbox" }));
    const queues = sqsWakeQueues(client, { outbox: QueueUrl, projections: `${QueueUrl}-gone` });
    const tenants = Array.from({ length: 23 }, (_, n) => `t${n}`);
    const failed = await queues.send([
      ...tenants.map((tenant) => ({ queue: "outbox", tenant })),
      { queue: "outbox", tenant: "later", delaySeconds: 900 },
      { queue: "projections", tenant: "a" },
      { queue: "elsewhere", tenant: "b" },
    ]);
    expect(failed.map(({ wake, error }) => [wake.tenant, (error as { code?: unknown }).code])).toEqual([
      ["a", "misconfigured"],
      ["b", "misconfigured"],
    ]);
    const received = new Set<string>();
    for (let round = 0; round < 20 && received.size < tenants.length; round++) {
      const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      for (const { Body } of (await client.send(command)).Messages ?? [])
        received.add((JSON.parse(Body ?? "{}") as { readonly tenant: string }).tenant);
    }
    expect([...received].toSorted()).toEqual(tenants.toSorted());
    client.destroy();
  });
});

describe("the settings parameter", () => {
  test("says where clients find the deployment", async () => {
    const client = ssmClient(options());
    const put = (Value: string) =>
      client.send(new PutParameterCommand({ Name: "/t/settings", Type: "String", Value, Overwrite: true }));
    await expect(fetchSettings(client, "/t/settings")).rejects.toMatchObject({ code: "misconfigured" });
    await put('{"publicUrl":"https://pki.example.com/","revocationBaseUrl":"http://rev.example.com"}');
    expect(await fetchSettings(client, "/t/settings")).toEqual({
      publicUrl: "https://pki.example.com",
      revocationBaseUrl: "http://rev.example.com",
      originLocked: false,
    });
    for (const wrong of [
      "",
      "x",
      "{}",
      '{"publicUrl":"http://pki.example.com","revocationBaseUrl":"http://rev.example.com"}',
      '{"publicUrl":"https://pki.example.com","revocationBaseUrl":"https://rev.example.com"}',
      '{"publicUrl":"https://a@pki.example.com","revocationBaseUrl":"http://rev.example.com"}',
      '{"publicUrl":"https://pki.example.com","revocationBaseUrl":"http://rev.example.com","more":1}',
    ]) {
      await put(wrong === "" ? " " : wrong);
      await expect(fetchSettings(client, "/t/settings"), wrong).rejects.toMatchObject({ code: "misconfigured" });
    }
    client.destroy();
  });
});

describe("the deployment's secret", () => {
  test("is the same for the same key and name, another for another, and says why there is none", async () => {
    const client = kmsClient(options());
    const key = async (KeySpec: "HMAC_256" | "ECC_NIST_P256", KeyUsage: "GENERATE_VERIFY_MAC" | "SIGN_VERIFY") =>
      (await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }))).KeyMetadata?.KeyId ?? "";
    const [one, two] = [await key("HMAC_256", "GENERATE_VERIFY_MAC"), await key("HMAC_256", "GENERATE_VERIFY_MAC")];
    const secret = await hostSecret(client, one, "trstctl");
    expect(secret).toHaveLength(32);
    expect(await hostSecret(client, one, "trstctl")).toEqual(secret);
    expect(await hostSecret(client, one, "other")).not.toEqual(secret);
    expect(await hostSecret(client, two, "trstctl")).not.toEqual(secret);
    await client.send(new DisableKeyCommand({ KeyId: two }));
    await expect(hostSecret(client, two, "trstctl")).rejects.toMatchObject({ code: "misconfigured" });
    const nowhere = "00000000-0000-4000-8000-000000000000";
    await expect(hostSecret(client, nowhere, "trstctl")).rejects.toMatchObject({ code: "misconfigured" });
    client.destroy();
  });
});
