/**
 * Keys in KMS and keys wrapped by it, at the emulator: KMS and DynamoDB that we did not write. It lets through what AWS refuses
 * (messages above 4,096 octets), so every request is held to AWS's limits here.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, type SignCommandInput } from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import { createTables } from "#shared/adapters/aws/dynamodb";
import { dynamoItems } from "#shared/adapters/aws/items";
import { randomBytes } from "#shared/crypto/random";
import { claimsInItems } from "#signer/keys/key-claims-shared";
import { itemStorage } from "#signer/keys/key-items";
import { openKmsKeys, type PoolKey } from "#signer/keys/kms";
import { kmsAlgorithms } from "#signer/keys/kms-algorithms";
import { kmsWrapping, wrappingClient } from "#signer/keys/kms-wrapping";
import { sealedKeyStore } from "#signer/keys/sealed";
import { classical, holdKeyStore } from "#test/contract/key-store-contract";
import { clientOf, provision } from "#test/kms/pool";
import { startMinistack } from "./tools/ministack.ts";

const emulator = await startMinistack();
afterAll(() => emulator.stop());
const options = { region: emulator.region, credentials: emulator.credentials };
const dynamo = new DynamoDBClient({ endpoint: emulator.endpoint, ...options });
const { core } = await createTables(dynamo, "kms-");
const items = dynamoItems({ client: dynamo, tableName: core });
const client = clientOf(emulator.endpoint, options);

/** What it has keys of; the others are asked for below, so that the day it has them is seen. */
const algorithms = classical;
const pool = await provision(client, { algorithms, spare: { "P-256": 12 } });

const signed: SignCommandInput[] = [];

/** A process of the signer: its own client and its own store, on the table that all share. */
function processOn(keys: readonly PoolKey[]) {
  const own = clientOf(emulator.endpoint, options);
  own.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "SignCommand") signed.push(args.input as SignCommandInput);
        return next(args);
      },
    { step: "initialize" },
  );
  return openKmsKeys({ client: own, pool: keys, claims: claimsInItems(items) });
}

holdKeyStore("KMS, of the emulator", {
  backend: "kms",
  algorithms,
  longest: { Ed25519: 4096 },
  open: async () => processOn(pool),
});

describe("what the emulator does not hold us to", () => {
  it("messages of the length that AWS takes, by the message type that the key policy allows", () => {
    expect(signed.length).toBeGreaterThan(100);
    for (const { Message, MessageType, SigningAlgorithm = "" } of signed) {
      const hash = { "256": 32, "384": 48, "512": 64 }[SigningAlgorithm.slice(-3)];
      const [type, most, least] = SigningAlgorithm.startsWith("ED25519") ? ["RAW", 4096, 1] : ["DIGEST", hash, hash];
      expect(MessageType, SigningAlgorithm).toBe(type);
      expect(Message?.length).toBeLessThanOrEqual(most as number);
      expect(Message?.length).toBeGreaterThanOrEqual(least as number);
    }
  });

  it("ML-DSA, which it has not: `test/kms/` stands in", async () => {
    const create = new CreateKeyCommand({ KeySpec: kmsAlgorithms["ML-DSA-65"]?.keySpec, KeyUsage: "SIGN_VERIFY" });
    await expect(client.send(create)).rejects.toThrow(/ML_DSA_65/);
  });
});

const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: "SYMMETRIC_DEFAULT" }));
const wrapping = kmsWrapping({
  client: wrappingClient({ endpoint: emulator.endpoint, ...options }),
  keyId: KeyMetadata?.Arn ?? "",
});
const rejection = randomBytes(32);

holdKeyStore("wrapped by KMS, as items", {
  backend: "sealed",
  algorithms: ["P-256", "P-384", "RSA-2048", "Ed25519", "ML-DSA-65", "SLH-DSA-SHA2-128f"],
  open: async () => sealedKeyStore({ storage: itemStorage(items), wrapping, rejection }),
});
