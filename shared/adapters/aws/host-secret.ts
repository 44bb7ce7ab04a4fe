/** The secret that keys of a deployment are derived from: an HMAC by a KMS key, so that it is stored nowhere. */
import { GenerateMacCommand, KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { Failure } from "#shared/kernel/failure";
import { serviceFailure } from "./service-failure.ts";

export const kmsClient = (options: KMSClientConfig = {}): KMSClient =>
  new KMSClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

const disabled = "is disabled or pending deletion: enable it, or cancel its deletion";

/** @param keyId of an HMAC_256 key @returns 32 bytes, the same for the same key and deployment */
export async function hostSecret(client: KMSClient, keyId: string, deployment: string): Promise<Uint8Array> {
  const place = `KMS key ${keyId} (TRSTCTL_HOST_KEY_ID)`;
  const Message = new TextEncoder().encode(`trstctl/host-secret/1/${deployment}`);
  try {
    const { Mac } = await client.send(new GenerateMacCommand({ KeyId: keyId, MacAlgorithm: "HMAC_SHA_256", Message }));
    if (Mac?.length !== 32)
      throw new Failure("unavailable", "the deployment's key gave no 32-byte MAC: try again", { place });
    return new Uint8Array(Mac);
  } catch (error) {
    throw serviceFailure(
      error,
      { shown: "the deployment's key", place },
      {
        NotFoundException: "does not exist in this account and Region: deploy the stack first",
        InvalidKeyUsageException: "is no HMAC key",
        DisabledException: disabled,
        KMSInvalidStateException: disabled,
      },
    );
  }
}
