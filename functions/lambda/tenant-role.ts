/** One vendor of tenants' credentials for each environment, whichever parts ask it. */
import { STSClient } from "@aws-sdk/client-sts";
import { tenantCredentials, type TenantCredentials } from "#shared/adapters/aws/tenant-credentials";
import type { Clock } from "#shared/ports/clock";
import { required, type Shell } from "./shell.ts";

const vendors = new WeakMap<Shell, TenantCredentials>();

export function credentialsOf(shell: Shell, clock: Clock): TenantCredentials {
  const vendor =
    vendors.get(shell) ??
    tenantCredentials({
      sts: new STSClient({
        requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
        maxAttempts: 3,
      }),
      roleArn: required(shell, "TRSTCTL_TENANT_ROLE_ARN"),
      clock,
    });
  vendors.set(shell, vendor);
  return vendor;
}
