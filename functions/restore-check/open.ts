/** The copy, read with the drill's own credentials: it is of all tenants, and no function that serves one can reach it. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { judgeCopy } from "#events/log/judge-copy";
import { headKey, lanesKey } from "#events/log/keys";
import { createEventLog } from "#events/log/log";
import { copiedTenants } from "#shared/adapters/aws/copied-tenants";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import type { Clock } from "#shared/ports/clock";
import type { RestoreCheck } from "./app.ts";

export interface Copy {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly lanes: number;
  readonly clock: Clock;
  /** Items that are read for tenants at once. */
  readonly pageSize?: number;
}

export function openCopy({ client, tableName, lanes, clock, pageSize }: Copy): Pick<RestoreCheck, "tenants" | "judge"> {
  const tables = dynamoTableStore({ clientOf: () => client, tableName, clock });
  const wakes = { ring: () => undefined, listen: () => async () => undefined };
  const log = createEventLog({ tables, wakes, lanes, several: true });
  const rows = {
    lanes: { pk: (tenant: string) => lanesKey(tenant).pk, sk: lanesKey("x").sk },
    headSort: headKey("x", 0).sk,
  };
  return {
    tenants: copiedTenants({ client, tableName, rows, ...(pageSize !== undefined && { pageSize }) }),
    judge: (tenant, madeAt) => judgeCopy({ log, table: tables.tenant(tenant), lanes, madeAt }, tenant),
  };
}
