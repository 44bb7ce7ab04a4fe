/**
 * What KMS says no with, as a failure that says the way out. What is `unavailable` is shown to whoever asked, who may be
 * anybody: the key is named as its `place` only.
 */
import type { KeyMetadata } from "@aws-sdk/client-kms";
import { Failure } from "#shared/kernel/failure";

/** Read by name: bundles may hold more than one copy of the SDK's classes. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

const throttled: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "LimitExceededException",
  "RequestLimitExceeded",
]);

/** Who asks cannot be told, or no longer. */
const credentials: ReadonlySet<string> = new Set([
  "ExpiredTokenException",
  "ExpiredToken",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "IncompleteSignature",
  "MissingAuthenticationTokenException",
  "CredentialsProviderError",
]);

const ways: Readonly<Record<string, string>> = {
  NotFoundException: "is not there; name one that is in TRSTCTL_KMS_KEYS",
  InvalidArnException: "has a malformed ARN; mend it in TRSTCTL_KMS_KEYS",
  AccessDeniedException:
    "refuses the signer's identity; its key policy must allow kms:Sign, kms:GetPublicKey and kms:DescribeKey to it, with the key's own signing algorithm and message types",
  InvalidKeyUsageException: "is none that signs so; TRSTCTL_KMS_KEYS names another algorithm than the key's",
  IncorrectKeyException: "is another than the one that was meant",
};

/** @param during `kms:Sign` and the like */
export function kmsFailure(error: unknown, keyId: string, during: string): Failure {
  if (error instanceof Failure) return error;
  const name = nameOf(error);
  const cause = error;
  if (throttled.has(name))
    return new Failure("overloaded", `KMS throttles ${during}; try again, or have the account's quota raised`, {
      retryAfter: 2,
      cause,
    });
  if (credentials.has(name))
    return new Failure(
      "unavailable",
      `the signer's AWS credentials were refused at ${during} (${name}); renew them, and check the machine's clock`,
      { retryAfter: 5, cause },
    );
  if (name === "DisabledException") return unusable(keyId, "Disabled", cause);
  const way = ways[name];
  if (way !== undefined) return new Failure("misconfigured", `KMS key ${keyId} ${way} (${during})`, { cause });
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode;
  if (status !== undefined && status >= 400 && status < 500)
    return new Failure("internal", `KMS refuses ${during} with key ${keyId}: ${name}`, { cause });
  return new Failure("unavailable", `KMS does not answer ${during} (${name || "no answer"}); try again`, {
    place: `KMS key ${keyId}`,
    retryAfter: 1,
    cause,
  });
}

const stateWays: Readonly<Record<string, string>> = {
  Disabled: "is disabled: enable it (aws kms enable-key)",
  PendingDeletion: "is to be deleted: cancel that (aws kms cancel-key-deletion), then enable it",
  PendingReplicaDeletion:
    "is to be deleted with its replicas: cancel that (aws kms cancel-key-deletion), then enable it",
  PendingImport: "has no key material: import it (trstctl kms import-key)",
  Creating: "is still being made: wait",
  Updating: "is being changed: wait",
};

/** The key is the right one and cannot be used at the moment. */
export const unusable = (keyId: string, state: string, cause?: unknown): Failure =>
  new Failure("unavailable", `the key in KMS ${stateWays[state] ?? `is in the state ${state}: mend that`}`, {
    retryAfter: 30,
    place: `KMS key ${keyId}`,
    cause,
  });

/**
 * Whether a key can be what it is said to be.
 * @throws Failure `misconfigured` when it never can, `unavailable` when its state forbids it
 */
export function assertUsable(
  { KeySpec, KeyUsage, KeyState, SigningAlgorithms = [] }: KeyMetadata,
  keyId: string,
  wanted: { readonly keySpec: string; readonly signingAlgorithm: string },
): void {
  const wrong = (what: string): never => {
    throw new Failure("misconfigured", `KMS key ${keyId} ${what}; name another in TRSTCTL_KMS_KEYS`);
  };
  if (KeyUsage !== "SIGN_VERIFY") wrong(`has the usage ${KeyUsage ?? "-"} instead of SIGN_VERIFY`);
  if (KeySpec !== wanted.keySpec) wrong(`has the spec ${KeySpec ?? "-"} instead of ${wanted.keySpec}`);
  if (!SigningAlgorithms.some((name) => name === wanted.signingAlgorithm))
    wrong(`does not sign by ${wanted.signingAlgorithm}`);
  if (KeyState !== "Enabled") throw unusable(keyId, KeyState ?? "unknown");
}
