/** Keys derived from the deployment's secret, which a KMS key gives and nobody stores. */
import { hostSecret, kmsClient } from "#shared/adapters/aws/host-secret";
import { deriveKey } from "#shared/crypto/hmac";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";

export const secret: Part = async (shell) => {
  const root = await hostSecret(kmsClient(), required(shell, "TRSTCTL_HOST_KEY_ID"), shell.config.TRSTCTL_DEPLOYMENT);
  const fingerprintKeys = new Map<string, Uint8Array>();
  return {
    enrolmentSecret: (tenant, credential) => deriveKey(root, `trstctl/enrolment/1/${tenant}/${credential}`),
    fingerprintKey(tenant) {
      const key = fingerprintKeys.get(tenant) ?? deriveKey(root, `trstctl/fingerprint/1/${tenant}`);
      fingerprintKeys.set(tenant, key);
      return key;
    },
  };
};
