/** The signer's parts on AWS: table, bucket, KMS. */
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { dynamoItems } from "#shared/adapters/aws/items";
import { s3SignerBucket, signerS3 } from "#shared/adapters/aws/signer-bucket";
import { randomBytes } from "#shared/crypto/random";
import { hex } from "#shared/kernel/bytes";
import { type Environment, loadConfig } from "#shared/kernel/config";
import { claimsInItems } from "#signer/keys/key-claims-shared";
import { itemStorage } from "#signer/keys/key-items";
import { kmsWrapping, wrappingClient } from "#signer/keys/kms-wrapping";
import { sealedKeyStore } from "#signer/keys/sealed";
import { openBackends } from "#signer/open-backends";
import { tableSignerConfig } from "#signer/table/config";
import { openSecret } from "#signer/table/secret";
import { createTableSigner } from "#signer/table/service";
import { createSnapshots } from "#signer/table/snapshots";
import type { SignerFunction } from "./app.ts";
import { knownAnswer } from "./known-answer.ts";

/** Who disables the wrapping key has stopped every environment after so long. */
const openMs = 300_000;

/**
 * Looks at the wrapping key, by opening the secret with it, and at state and algorithm of each key in KMS before anything is
 * signed.
 * @throws Failure `misconfigured`, `unavailable`
 */
export async function openSignerFunction(
  environment: Environment,
  warn: (line: string) => void,
): Promise<SignerFunction> {
  const config = loadConfig(tableSignerConfig, environment, ["TRSTCTL_FUNCTION"]);
  const clock = { now: () => Date.now() };
  const items = dynamoItems({ client: dynamoClient(), tableName: config.TRSTCTL_JOURNAL_TABLE });
  const bucket = s3SignerBucket({ client: signerS3(), bucket: config.TRSTCTL_SIGNER_BUCKET });
  const wrapping = kmsWrapping({ client: wrappingClient(), keyId: config.TRSTCTL_WRAPPING_KEY_ID });
  const { memory, rejection } = await openSecret(items, wrapping);
  const sealed = sealedKeyStore({ storage: itemStorage(items), wrapping, rejection, open: { clock, forMs: openMs } });
  const service = createTableSigner({
    items,
    bucket,
    keys: await openBackends({ config, sealed, claims: () => claimsInItems(items), warn }),
    caKeys: config.TRSTCTL_CA_KEYS,
    snapshots: createSnapshots(bucket, memory, warn),
    clock,
    warn,
    process: hex(randomBytes(6)),
    processes: config.TRSTCTL_SIGNER_PROCESSES,
  });
  return { service, knownAnswer: () => knownAnswer(service, wrapping) };
}
