/** Tenants' blobs, with credentials of the tenant that is served (I1). */
import { tenantClients } from "#shared/adapters/aws/tenant-clients";
import type { Blob } from "#shared/ports/blob";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";
import { credentialsOf } from "../tenant-role.ts";

export const blob: Part = (shell, { clock }) => {
  const bucket = required(shell, "TRSTCTL_BLOB_BUCKET");
  let opening: Promise<Blob> | undefined;
  /** S3's client is as much to load as a quarter of a function, and most requests come and go without it. */
  const opened = () =>
    (opening ??= import("#shared/adapters/aws/blob").then(({ s3Blob, s3Client }) => {
      const { clientOf } = tenantClients(credentialsOf(shell, clock), (identity) => s3Client(identity));
      return s3Blob({ clientOf, bucket });
    }));
  return {
    blob: {
      put: async (key, bytes) => (await opened()).put(key, bytes),
      get: async (key) => (await opened()).get(key),
      delete: async (key) => (await opened()).delete(key),
      list: async (prefix, after) => (await opened()).list(prefix, after),
    },
  };
};
