/** A pool of provisioned keys at a KMS, and stores over it. */
import {
  CreateKeyCommand,
  type KeySpec as KmsKeySpec,
  type KMSClient,
  type KMSClientConfig,
} from "@aws-sdk/client-kms";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { claimsInMemory, type KeyClaims } from "#signer/keys/key-claims";
import { kmsAlgorithms } from "#signer/keys/kms-algorithms";
import { createKmsClient } from "#signer/keys/kms-client";
import { type KmsKeyStore, openKmsKeys, type PoolKey } from "#signer/keys/kms";
import { type KmsServer, startKms } from "./server.ts";

export interface PoolOptions {
  readonly algorithms: readonly SignerKeyAlgorithm[];
  /** How many beside the two of each. */
  readonly spare?: Readonly<Partial<Record<SignerKeyAlgorithm, number>>>;
}

/** To anybody's KMS; tries come quickly, so that a test does not wait for AWS's backoff. */
export const clientOf = (endpoint: string, over: KMSClientConfig = {}): KMSClient =>
  createKmsClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    ...over,
  });

/** As an operator's stacks do. */
export async function provision(client: KMSClient, { algorithms, spare = {} }: PoolOptions): Promise<PoolKey[]> {
  const pool: PoolKey[] = [];
  for (const algorithm of algorithms)
    for (let count = 2 + (spare[algorithm] ?? 0); count > 0; count--) {
      const KeySpec = kmsAlgorithms[algorithm]?.keySpec as KmsKeySpec;
      const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" }));
      pool.push({ keyId: KeyMetadata?.Arn ?? "", algorithm });
    }
  return pool;
}

export interface Pool extends AsyncDisposable {
  readonly server: KmsServer;
  readonly client: KMSClient;
  readonly pool: readonly PoolKey[];
  readonly algorithms: readonly SignerKeyAlgorithm[];
  readonly claims: KeyClaims;
  /** On the same claims: another process of the same deployment. */
  open(): KmsKeyStore;
}

/** At a KMS of our own. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const server = await startKms();
  const client = clientOf(server.endpoint);
  const pool = await provision(client, options);
  const claims = claimsInMemory();
  return {
    server,
    client,
    pool,
    algorithms: options.algorithms,
    claims,
    open: () => openKmsKeys({ client: clientOf(server.endpoint), pool, claims }),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
