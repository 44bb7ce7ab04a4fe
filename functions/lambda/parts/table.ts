/** Tenants' items: the log, and what protocols remember; with credentials of the tenant that is served (I1). */
import { createEventLog } from "#events/log/log";
import { createShortLived } from "#events/short-lived";
import { dynamoClient } from "#shared/adapters/aws/dynamodb";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { tenantClients } from "#shared/adapters/aws/tenant-clients";
import type { Wakes } from "#shared/ports/wakes";
import type { Part } from "../deps.ts";
import { required } from "../shell.ts";
import { credentialsOf } from "../tenant-role.ts";

/** The table's stream rings. */
const silent: Wakes = { ring: () => undefined, listen: () => async () => undefined };

export const table: Part = (shell, { clock }) => {
  const { clientOf } = tenantClients(credentialsOf(shell, clock), (identity) => dynamoClient(identity));
  const tables = dynamoTableStore({ clientOf, tableName: required(shell, "TRSTCTL_CORE_TABLE"), clock });
  const logPlace = { lanes: shell.config.TRSTCTL_LANES, region: required(shell, "AWS_REGION") };
  return {
    tables,
    logPlace,
    log: createEventLog({ tables, wakes: silent, several: true, ...logPlace }),
    shortLived: createShortLived(tables, clock),
  };
};
