/** What the signer is told of what holds its keys, and of whom it is to be at AWS; nothing of it reaches the host. */
import type { Environment } from "#shared/kernel/config";

const ours = ["TRSTCTL_CA_KEYS", "TRSTCTL_KMS_KEYS"];

/** Where the AWS SDK finds Region, identity and endpoint. */
const aws = [
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_EC2_METADATA_DISABLED",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_KMS",
  "AWS_CA_BUNDLE",
];

/** AWS is none of a signer's business that has no keys there. */
export function keySettings(environment: Environment): Record<string, string> {
  const names = environment["TRSTCTL_KMS_KEYS"] ? [...ours, ...aws] : ours;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}
