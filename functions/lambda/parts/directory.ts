/** Public names, before the tenant is known. */
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";

export const directory: Part = (shell, { clock }) => ({
  directory: dynamoDirectory({ client: dynamoClient(), tableName: required(shell, "TRSTCTL_DIRECTORY_TABLE"), clock }),
});
