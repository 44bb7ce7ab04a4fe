/** What the signer is told of what holds its keys, and of whom it is to be at AWS; nothing of it reaches the host. */
import type { Environment } from "#shared/kernel/config";
import { pkcs11AtOnce } from "#signer/keys/lanes";

const ours = ["TRSTCTL_CA_KEYS"];
const kms = "TRSTCTL_KMS_KEYS";
const pkcs11 = ["TRSTCTL_PKCS11_MODULE", "TRSTCTL_PKCS11_TOKEN", "TRSTCTL_PKCS11_PIN_FILE"];

/** Where modules find their own settings. */
const vendors = ["SOFTHSM2_CONF", "YUBIHSM_PKCS11_CONF", "TPM2_PKCS11_STORE", "ChrystokiConfigurationPath"];

/** The journal keeps its threads: a call of a module occupies one for as long as the token takes. */
const threads = { UV_THREADPOOL_SIZE: String(4 + pkcs11AtOnce) };

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

/** AWS is none of a signer's business that has no keys there, nor is a vendor's file without a token. */
export function keySettings(environment: Environment): Record<string, string> {
  const usesToken = pkcs11.some((name) => environment[name]);
  const names = [...ours, ...(environment[kms] ? [kms, ...aws] : []), ...(usesToken ? [...pkcs11, ...vendors] : [])];
  const told = names.flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(told), ...(usesToken && threads) };
}
