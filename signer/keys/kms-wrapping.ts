/**
 * Data keys wrapped by a symmetric KMS key that never leaves KMS, with what they are for as encryption context: KMS opens them
 * for nothing else, and its log says for what they were opened.
 */
import { DecryptCommand, EncryptCommand, KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { Failure } from "#shared/kernel/failure";
import type { Binding, Wrapping } from "./sealed-key.ts";

export const wrappingClient = (options: KMSClientConfig = {}): KMSClient =>
  new KMSClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 4,
  });

type Meaning = (key: string, cause: unknown) => Failure;

const later =
  (what: string, retryAfter: number): Meaning =>
  (key, cause) =>
    new Failure("unavailable", `the wrapping key ${what}`, { retryAfter, place: `KMS key ${key}`, cause });

/** Exceptions of KMS by name, and the way out. */
const meanings: Readonly<Record<string, Meaning>> = {
  DisabledException: later("is disabled: no key of the signer opens; enable it", 60),
  KMSInvalidStateException: later("is pending deletion or not available: cancel its deletion, and enable it", 60),
  KeyUnavailableException: later("is not available in KMS at this moment; try again", 5),
  AccessDeniedException: later(
    "may not be used by the signer's role: deploy the stack with the keys, or mend its policy",
    60,
  ),
  NotFoundException: later("is not in this account and Region: set TRSTCTL_WRAPPING_KEY_ID to the one that was", 60),
  ThrottlingException: later("is asked more often than KMS allows; try again", 1),
  LimitExceededException: later("is asked more often than KMS allows; try again", 1),
  InvalidCiphertextException: (key, cause) =>
    new Failure(
      "corrupt",
      `a data key was not wrapped by ${key} for this tenant and purpose, or was changed since; restore the signer's table`,
      { cause },
    ),
  IncorrectKeyException: (key, cause) =>
    new Failure(
      "misconfigured",
      `a data key was not wrapped by ${key}; set TRSTCTL_WRAPPING_KEY_ID to the key that did`,
      {
        cause,
      },
    ),
};

function meaningOf(error: unknown): Meaning {
  const name = error instanceof Error ? error.name : "";
  const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
  return meaning ?? later("cannot be reached in KMS; try again", 1);
}

/** @param keyId id or ARN; replicas of a multi-Region key are one key */
export function kmsWrapping({ client, keyId }: { readonly client: KMSClient; readonly keyId: string }): Wrapping {
  const id = keyId.slice(keyId.lastIndexOf("/") + 1);
  const contextOf = ({ tenant, purpose }: Binding) => ({ tenant, purpose });

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw meaningOf(error)(id, error);
    }
  }

  return {
    id,
    wrap: (dataKey, binding) =>
      asked(async () => {
        const { CiphertextBlob } = await client.send(
          new EncryptCommand({ KeyId: keyId, Plaintext: dataKey, EncryptionContext: contextOf(binding) }),
        );
        return CiphertextBlob ?? nothing();
      }),
    unwrap: (wrapped, binding) =>
      asked(async () => {
        const { Plaintext } = await client.send(
          new DecryptCommand({ KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(binding) }),
        );
        return Plaintext ?? nothing();
      }),
    other: (where, other) =>
      new Failure(
        "misconfigured",
        `${where} was wrapped by another key (${other}, this one is ${id}); set TRSTCTL_WRAPPING_KEY_ID to that one`,
      ),
  };
}

function nothing(): never {
  throw new TypeError("KMS answered without an answer");
}
