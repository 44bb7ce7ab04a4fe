/** Which tenants a copy of the core table holds: by what is in it, since a directory would name those that it should hold. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { dynamoFailure, tableShape } from "./dynamodb.ts";

const { partitionKey, sortKey } = tableShape;

/** The rows by which a tenant's log is known (events/log/keys.ts): how many lanes it has, and the head of each. */
export interface LogRows {
  readonly lanes: { readonly pk: (tenant: string) => string; readonly sk: string };
  readonly headSort: string;
}

export interface CopiedTenants {
  /** `place` is where the next page goes on behind this tenant. */
  readonly found: readonly { readonly tenant: string; readonly place: string }[];
  /** Absent on the last page. A page may have no tenants and still not be the last. */
  readonly next?: string;
}

export interface TenantsOfCopy {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly tableName: string;
  readonly rows: LogRows;
  /** Items that a page reads, most of which are no such rows. */
  readonly pageSize?: number;
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** @returns asked with the place where the page before ended */
export function copiedTenants({ client, tableName: TableName, rows, pageSize = 5000 }: TenantsOfCopy) {
  const { lanes, headSort } = rows;

  /** A tenant is met once, at its row of lanes; one whose row is missing, at its heads. */
  async function tenantAt(item: Attributes): Promise<string | undefined> {
    const tenant = item[partitionKey]?.S?.split("#")[1];
    if (tenant === undefined || item[sortKey]?.S === lanes.sk) return tenant;
    const Key = { [partitionKey]: { S: lanes.pk(tenant) }, [sortKey]: { S: lanes.sk } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item === undefined ? tenant : undefined;
  }

  return async (after: string | undefined): Promise<CopiedTenants> => {
    const command = new ScanCommand({
      TableName,
      FilterExpression: "#sort IN (:lanes, :head)",
      ProjectionExpression: "#partition, #sort",
      ExpressionAttributeNames: { "#partition": partitionKey, "#sort": sortKey },
      ExpressionAttributeValues: { ":lanes": { S: lanes.sk }, ":head": { S: headSort } },
      Limit: pageSize,
      ...(after !== undefined && { ExclusiveStartKey: keyOf(after) }),
    });
    try {
      const { Items = [], LastEvaluatedKey } = await client.send(command);
      const found: { tenant: string; place: string }[] = [];
      for (const item of Items) {
        const tenant = await tenantAt(item);
        if (tenant !== undefined) found.push({ tenant, place: placeOf(item) });
      }
      return { found, ...(LastEvaluatedKey !== undefined && { next: placeOf(LastEvaluatedKey) }) };
    } catch (error) {
      throw dynamoFailure(error, TableName);
    }
  };
}

const placeOf = (item: Attributes): string => JSON.stringify([item[partitionKey]?.S, item[sortKey]?.S]);

function keyOf(place: string): Record<string, AttributeValue> {
  const [pk = "", sk = ""] = JSON.parse(place) as readonly string[];
  return { [partitionKey]: { S: pk }, [sortKey]: { S: sk } };
}
