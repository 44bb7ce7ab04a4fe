/** Directory on DynamoDB: its own table, one item `G#<kind>#<value>` for each name; tenants and endpoints are listed through the view. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { Directory, DirectoryEntry, DirectoryKind } from "#shared/ports/directory";
import { checkEntry, checkName } from "../local/directory-rules.ts";
import { dynamoFailure, nameOf, tableShape } from "./dynamodb.ts";

export interface DynamoDirectory {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
}

const tenantView = "G#tenant";
const endpointView = (tenant: string): string => `G#endpoint@${tenant}`;
const page = 100;

export function dynamoDirectory({ client, tableName, clock }: DynamoDirectory): Directory {
  const TableName = tableName;

  /** @throws Failure `conflict` with `taken` when the command's condition does not hold. */
  async function guarded<T>(work: () => Promise<T>, taken = ""): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (nameOf(error) === "ConditionalCheckFailedException") throw new Failure("conflict", taken, { cause: error });
      throw dynamoFailure(error, tableName);
    }
  }

  return {
    async resolve(kind, value) {
      checkName(kind, value);
      const { Item } = await guarded(() => client.send(new GetItemCommand({ TableName, Key: keyOf(kind, value) })));
      return Item && entryOf(Item);
    },

    async reserve(kind, value, entry) {
      checkName(kind, value);
      checkEntry(entry);
      const command = new PutItemCommand({
        TableName,
        Item: {
          ...keyOf(kind, value),
          tenant: { S: entry.tenant },
          id: { S: entry.id },
          reservedAt: { N: String(clock.now()) },
          ...(kind === "tenant" && { vpk: { S: tenantView }, vsk: { S: entry.tenant } }),
          ...(kind === "endpoint" && { vpk: { S: endpointView(entry.tenant) }, vsk: { S: value } }),
        },
        ConditionExpression: "attribute_not_exists(pk) OR (#tenant = :tenant AND #id = :id)",
        ExpressionAttributeNames: { "#tenant": "tenant", "#id": "id" },
        ExpressionAttributeValues: { ":tenant": { S: entry.tenant }, ":id": { S: entry.id } },
      });
      await guarded(() => client.send(command), `this ${kind} name is taken: choose another`);
    },

    async release(kind, value, tenant, only) {
      checkName(kind, value);
      const command = new DeleteItemCommand({
        TableName,
        Key: keyOf(kind, value),
        ConditionExpression: `attribute_not_exists(pk) OR (#tenant = :tenant${only === undefined ? "" : " AND reservedAt = :at"})`,
        ExpressionAttributeNames: { "#tenant": "tenant" },
        ExpressionAttributeValues: {
          ":tenant": { S: tenant },
          ...(only !== undefined && { ":at": { N: String(only.reservedAt) } }),
        },
      });
      await guarded(
        () => client.send(command),
        `this ${kind} name belongs to another tenant, or was reserved again, and stays`,
      );
    },

    async endpoints(tenant, after = "") {
      const command = new QueryCommand({
        TableName,
        IndexName: tableShape.view.name,
        KeyConditionExpression: after === "" ? "vpk = :view" : "vpk = :view AND vsk > :after",
        ExpressionAttributeValues: {
          ":view": { S: endpointView(tenant) },
          ...(after !== "" && { ":after": { S: after } }),
        },
        Limit: page,
      });
      const { Items = [] } = await guarded(() => client.send(command));
      return Items.map((item) => ({ value: text(item["vsk"]), ...entryOf(item) }));
    },

    async tenants(after = "") {
      const tenants = new Set<string>();
      let next: Record<string, AttributeValue> | undefined;
      do {
        const command = new QueryCommand({
          TableName,
          IndexName: tableShape.view.name,
          KeyConditionExpression: after === "" ? "vpk = :view" : "vpk = :view AND vsk > :after",
          ExpressionAttributeValues: { ":view": { S: tenantView }, ...(after !== "" && { ":after": { S: after } }) },
          Limit: page,
          ExclusiveStartKey: next,
        });
        const answer = await guarded(() => client.send(command));
        for (const item of answer.Items ?? []) tenants.add(text(item["tenant"]));
        next = answer.LastEvaluatedKey;
      } while (next !== undefined && tenants.size < page);
      return [...tenants].slice(0, page);
    },
  };
}

const entryOf = (item: Readonly<Record<string, AttributeValue>>): DirectoryEntry => ({
  tenant: text(item["tenant"]),
  id: text(item["id"]),
  reservedAt: Number(item["reservedAt"]?.N),
});

const keyOf = (kind: DirectoryKind, value: string) => ({ pk: { S: `G#${kind}#${value}` }, sk: { S: "-" } });

const text = (value: AttributeValue | undefined): string => value?.S ?? "";
