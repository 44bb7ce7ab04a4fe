/** Tenants' blobs, with credentials of the tenant that is served (I1). */
import { s3Blob, s3Client } from "#shared/adapters/aws/blob";
import { tenantClients } from "#shared/adapters/aws/tenant-clients";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";
import { credentialsOf } from "../tenant-role.ts";

export const blob: Part = (shell, { clock }) => {
  const { clientOf } = tenantClients(credentialsOf(shell, clock), (identity) => s3Client(identity));
  return { blob: s3Blob({ clientOf, bucket: required(shell, "TRSTCTL_BLOB_BUCKET") }) };
};
