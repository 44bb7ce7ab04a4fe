/**
 * The signer's function as it is deployed, opened from its environment on an emulated DynamoDB, S3 and KMS: the contract of the
 * port, keys in KMS beside wrapped ones, and what it says while its wrapping key is disabled.
 */
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveCall, type SignerFunction } from "#functions/signer/app";
import { openSignerFunction } from "#functions/signer/open";
import { lambdaSigner } from "#shared/adapters/aws/signer";
import { verifySignature } from "#shared/crypto/signature";
import { signerContract } from "#test/contract/signer-contract";
import { inProcessLambda } from "#test/signer/lambda";
import { caExtensions, makeChain, request, spec } from "#test/signer/workshop";
import { install } from "./tools/tool.ts";
import { type Ministack, ministack, startMinistack } from "./tools/ministack.ts";

let emulator: Ministack;
let wrappingKey: string;
let caKey: string;
const before = { ...process.env };
const clock = { now: () => Date.now() };

const options = () => ({ ...emulator, forcePathStyle: true });

beforeAll(async () => {
  await install(ministack);
  emulator = await startMinistack();
  Object.assign(process.env, emulator.environment);
  const kms = new KMSClient(options());
  const made = async (input: object) => (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? "";
  wrappingKey = await made({});
  caKey = await made({ KeySpec: "ECC_NIST_P384", KeyUsage: "SIGN_VERIFY" });
}, 120_000);
afterAll(async () => {
  process.env = before;
  await emulator.stop();
});

let deployments = 0;

/** A table, a bucket and so many environments of a function. */
async function deploy(
  environments: number,
): Promise<{ functions: SignerFunction[]; warnings: string[]; bucket: string }> {
  const name = `signer-${++deployments}`;
  await new DynamoDBClient(options()).send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  await new S3Client(options()).send(new CreateBucketCommand({ Bucket: name }));
  const warnings: string[] = [];
  const settings = {
    TRSTCTL_DEPLOYMENT: "trstctl",
    TRSTCTL_JOURNAL_TABLE: name,
    TRSTCTL_SIGNER_BUCKET: name,
    TRSTCTL_WRAPPING_KEY_ID: wrappingKey,
    TRSTCTL_KMS_KEYS: JSON.stringify([{ keyId: caKey, algorithm: "P-384" }]),
  };
  const functions: SignerFunction[] = [];
  for (let at = 0; at < environments; at++)
    functions.push(await openSignerFunction(settings, (line) => void warnings.push(line)));
  return { functions, warnings, bucket: name };
}

signerContract("the deployed function on the emulator", async () => {
  const { functions } = await deploy(2);
  const services = functions.map(({ service }) => service);
  return {
    signer: lambdaSigner({ functionName: "signer", client: inProcessLambda(services) }),
    clock,
    async flush() {
      for (const service of services) await service.flush();
    },
    close: async () => undefined,
  };
});

describe("the deployed function", () => {
  test("passes its known-answer check, and one whose settings are wrong says each of them", async () => {
    const { functions } = await deploy(1);
    const [deployed] = functions as [SignerFunction];
    const call = { header: { method: "known-answer" } };
    const { header } = await serveCall(
      call,
      async () => deployed,
      () => undefined,
    );
    expect(header).toMatchObject({ ok: true });
    const wrong = { TRSTCTL_JOURNAL_TABLE: "x", TRSTCTL_SIGNER_PROCESSES: "0", TRSTCTL_OTHER: "1" };
    await expect(openSignerFunction(wrong, () => undefined)).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringMatching(
        /TRSTCTL_OTHER[^]*TRSTCTL_SIGNER_PROCESSES|TRSTCTL_SIGNER_PROCESSES[^]*TRSTCTL_OTHER/,
      ) as unknown,
    });
  });

  test("signs with a key in KMS, which nobody else gets, and what it remembers is in the bucket", async () => {
    const { functions, bucket } = await deploy(2);
    const [first, second] = functions.map(({ service }) => service) as [
      SignerFunction["service"],
      SignerFunction["service"],
    ];
    const root = await first.generateKey(spec({ algorithm: "P-384", backend: "kms" }));
    expect(root.backend).toBe("kms");
    const other = spec({ tenant: "other", algorithm: "P-384", backend: "kms" });
    await expect(second.generateKey(other)).rejects.toMatchObject({ code: "conflict" });
    const [elsewhere] = (await deploy(1)).functions as [SignerFunction];
    const chain = await makeChain({ service: elsewhere.service, clock });
    const tbs = chain.rootTbs({
      spki: root.spki,
      signatureAlgorithm: "ecdsa-with-SHA384",
      extensions: caExtensions(root.spki, root.spki),
    });
    const { signature } = await second.sign(request("certificate", "root", tbs));
    const by = { algorithm: "ecdsa-with-SHA384", spki: root.spki, data: tbs, signature } as const;
    expect(await verifySignature(by)).toBe(true);
    await first.remember(1);
    const { Contents } = await new S3Client(options()).send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["remembered/acme"]);
  });

  test("while its wrapping key is disabled opens nothing, says so, and goes on when it is enabled", async () => {
    const { functions, bucket } = await deploy(1);
    const [{ service }] = functions as [SignerFunction];
    const chain = await makeChain({ service, clock });
    const kms = new KMSClient(options());
    await kms.send(new DisableKeyCommand({ KeyId: wrappingKey }));
    const settings = {
      TRSTCTL_DEPLOYMENT: "trstctl",
      TRSTCTL_JOURNAL_TABLE: bucket,
      TRSTCTL_SIGNER_BUCKET: bucket,
      TRSTCTL_WRAPPING_KEY_ID: wrappingKey,
      TRSTCTL_KMS_KEYS: "[]",
    };
    await expect(openSignerFunction(settings, () => undefined)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/wrapping key is disabled/) as unknown,
    });
    await kms.send(new EnableKeyCommand({ KeyId: wrappingKey }));
    const cold = await openSignerFunction(settings, () => undefined);
    const tbs = chain.leafTbs();
    const { signature } = await cold.service.sign(request("certificate", "ca", tbs));
    const by = { algorithm: "ecdsa-with-SHA256", spki: chain.ca.spki, data: tbs, signature } as const;
    expect(await verifySignature(by)).toBe(true);
  });
});
