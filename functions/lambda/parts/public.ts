/** Where the revocation distribution looks first; of this function's own role. */
import type { PublicObjects } from "#shared/ports/public-objects";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";

export const publicObjects: Part = (shell) => {
  const bucket = required(shell, "TRSTCTL_PUBLIC_BUCKET");
  let opening: Promise<PublicObjects> | undefined;
  const opened = () =>
    (opening ??= Promise.all([import("#shared/adapters/aws/blob"), import("#shared/adapters/aws/public-objects")]).then(
      ([{ s3Client }, { s3PublicObjects }]) => s3PublicObjects(s3Client(), bucket),
    ));
  return {
    publicObjects: {
      put: async (key, object) => (await opened()).put(key, object),
      delete: async (keys) => (await opened()).delete(keys),
    },
  };
};
