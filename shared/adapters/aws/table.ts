/** Table on DynamoDB. Every partition key starts with the tenant, which is what the role's LeadingKeys condition holds (I1). */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { newId } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { Condition, Item, Key, Outcome, Page, Partition, Query, TableStore, Write } from "#shared/ports/table";
import { checkKey, checkWrites, type SortRange, sortRange, tenantPrefix } from "../local/table-rules.ts";
import { dynamoFailure, nameOf, tableShape } from "./dynamodb.ts";

export interface DynamoTable {
  /** The client that may reach this tenant's items, and on AWS no others (`tenant-clients.ts`). Asked anew for each call. */
  readonly clientOf: (tenant: string) => DynamoDBClient | Promise<DynamoDBClient>;
  readonly tableName: string;
  readonly clock: Clock;
}

type Attributes = Record<string, AttributeValue>;

/** When a page must be filled up, because expired items were left out, each further read asks for at least this many. */
const refill = 50;

const ok: Outcome = { ok: true };
const refused: Outcome = { ok: false, failed: [0], contended: false };
const contended: Outcome = { ok: false, failed: [], contended: true };

export function dynamoTableStore({ clientOf, tableName, clock }: DynamoTable): TableStore {
  const TableName = tableName;

  async function read(tenant: string, key: Key, consistent: boolean): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName, Key: keyOf(key), ConsistentRead: consistent });
    const client = await clientOf(tenant);
    const { Item: found } = await client.send(command);
    return found && alive(found, clock.now()) ? itemOf(found) : undefined;
  }

  async function search(tenant: string, query: Query): Promise<Page> {
    const prefix = tenantPrefix(tenant);
    const range = sortRange(prefix, query);
    if (range === undefined) return { items: [] };
    const client = await clientOf(tenant);
    const now = clock.now();
    const sort = query.view === true ? tableShape.view.sortKey : tableShape.sortKey;
    const { expression, values, leaveOut } = keyCondition(query, range);
    // One more than asked for, so that the cursor is absent exactly on the last page.
    const wanted = query.limit + 1;
    const found: Attributes[] = [];
    let next: Attributes | undefined;
    do {
      const missing = wanted - found.length + (leaveOut === undefined ? 0 : 1);
      const answer = await client.send(
        new QueryCommand({
          TableName,
          ...(query.view === true && { IndexName: tableShape.view.name }),
          KeyConditionExpression: expression,
          ExpressionAttributeValues: values,
          ScanIndexForward: query.descending !== true,
          ConsistentRead: query.consistent === true,
          Limit: next === undefined ? missing : Math.max(missing, refill),
          ExclusiveStartKey: next,
        }),
      );
      // IAM holds the partition that a view is read by, not who put an item there: another tenant's is none of ours.
      for (const one of answer.Items ?? [])
        if (one[tableShape.partitionKey]?.S?.startsWith(prefix) && alive(one, now) && one[sort]?.S !== leaveOut)
          found.push(one);
      next = answer.LastEvaluatedKey;
    } while (next !== undefined && found.length < wanted);
    const items = found.slice(0, query.limit).map(itemOf);
    const cursor = found.length > query.limit ? found[query.limit - 1]?.[sort]?.S : undefined;
    return cursor === undefined ? { items } : { items, cursor };
  }

  async function transact(tenant: string, writes: readonly Write[]): Promise<Outcome> {
    const now = clock.now();
    const [only] = writes;
    if (writes.length === 1 && only !== undefined && !("check" in only)) return await single(tenant, only, now);
    const command = new TransactWriteItemsCommand({
      TransactItems: writes.map((write) => actionOf(TableName, write, now)),
      ClientRequestToken: newId(now),
    });
    const client = await clientOf(tenant);
    try {
      await client.send(command);
      return ok;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return outcomeOf(error);
      throw error;
    }
  }

  /** One write needs no transaction, which costs twice. Only that it has no token by which a repetition would be known. */
  async function single(tenant: string, write: Exclude<Write, { check: Key }>, now: number): Promise<Outcome> {
    const client = await clientOf(tenant);
    const condition = write.if === undefined ? undefined : conditionOf(write.if, now);
    const whose = newId(now);
    try {
      if ("put" in write) {
        const Item: Attributes = { ...attributesOf(write.put), ...(condition && { by: { S: whose } }) };
        const seen = condition && ({ ...condition, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const);
        await client.send(new PutItemCommand({ TableName, Item, ...seen }));
      } else await client.send(new DeleteItemCommand({ TableName, Key: keyOf(write.delete), ...condition }));
      return ok;
    } catch (error) {
      if (nameOf(error) === "TransactionConflictException") return contended;
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The client asked more than once: an earlier try may have written, and only its answer was lost.
      if ((error.$metadata.attempts ?? 1) > 1) {
        if ("put" in write) return error.Item?.["by"]?.S === whose ? ok : refused;
        throw new Failure("unavailable", "the store lost an answer: look before trying again", {
          place: `table ${tableName}`,
          cause: error,
        });
      }
      return refused;
    }
  }

  let closed = false;

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new Failure("unavailable", "the store is closed", { place: `table ${tableName}` });
    try {
      return await work();
    } catch (error) {
      throw dynamoFailure(error, tableName);
    }
  }

  return {
    tenant(tenant) {
      const prefix = tenantPrefix(tenant);
      return {
        get: async (key, options) => {
          checkKey(prefix, key);
          return await guarded(() => read(tenant, key, options?.consistent === true));
        },
        query: async (query) => await guarded(() => search(tenant, query)),
        transact: async (writes) => {
          checkWrites(prefix, writes);
          return await guarded(() => transact(tenant, writes));
        },
      };
    },
    close: async () => {
      closed = true;
    },
  };
}

/** DynamoDB takes one condition on the sort key, and `BETWEEN` includes both ends: an excluded end is left out by us. */
function keyCondition(query: Query, { lower, upper }: SortRange) {
  const { partitionKey, sortKey } = query.view === true ? tableShape.view : tableShape;
  const values: Attributes = { ":pk": { S: query.pk } };
  if (lower) values[":lower"] = { S: lower.text };
  if (upper) values[":upper"] = { S: upper.text };
  if (lower && upper) {
    const leaveOut = lower.inclusive ? (upper.inclusive ? undefined : upper.text) : lower.text;
    return { expression: `${partitionKey} = :pk AND ${sortKey} BETWEEN :lower AND :upper`, values, leaveOut };
  }
  const side = lower
    ? ` AND ${sortKey} ${lower.inclusive ? ">=" : ">"} :lower`
    : upper
      ? ` AND ${sortKey} ${upper.inclusive ? "<=" : "<"} :upper`
      : "";
  return { expression: `${partitionKey} = :pk${side}`, values, leaveOut: undefined };
}

function actionOf(TableName: string, write: Write, now: number): TransactWriteItem {
  const condition = write.if === undefined ? undefined : conditionOf(write.if, now);
  if ("put" in write) return { Put: { TableName, Item: attributesOf(write.put), ...condition } };
  if ("delete" in write) return { Delete: { TableName, Key: keyOf(write.delete), ...condition } };
  return { ConditionCheck: { TableName, Key: keyOf(write.check), ...conditionOf(write.if, now) } };
}

const conditionOf = (condition: Condition, now: number) =>
  condition === "absent"
    ? {
        ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :now",
        ExpressionAttributeValues: { ":now": { N: String(now) } },
      }
    : {
        ConditionExpression: "rev = :rev AND (attribute_not_exists(expiresAt) OR expiresAt > :now)",
        ExpressionAttributeValues: { ":rev": { N: String(condition.rev) }, ":now": { N: String(now) } },
      };

/** Reasons that go away by themselves; with any other one the transaction itself is wrong. */
const passing = new Set(["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

function outcomeOf(error: TransactionCanceledException): Outcome {
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? "None");
  const failed = codes.flatMap((code, n) => (code === "ConditionalCheckFailed" ? [n] : []));
  if (failed.length > 0) return { ok: false, failed, contended: false };
  if (codes.length === 0 || codes.some((code) => !passing.has(code))) throw error;
  return contended;
}

const alive = (attributes: Attributes, now: number): boolean =>
  attributes["expiresAt"]?.N === undefined || Number(attributes["expiresAt"].N) > now;

const keyOf = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

const attributesOf = (item: Item): Attributes => ({
  ...keyOf(item),
  rev: { N: String(item.rev) },
  body: { S: item.body },
  ...(item.view && { vpk: { S: item.view.pk }, vsk: { S: item.view.sk } }),
  ...(item.expiresAt !== undefined && {
    expiresAt: { N: String(item.expiresAt) },
    [tableShape.ttl]: { N: String(Math.ceil(item.expiresAt / 1000)) },
  }),
});

const itemOf = ({ pk, sk, rev, body, vpk, vsk, expiresAt }: Attributes): Item => ({
  pk: (pk?.S ?? "") as Partition,
  sk: sk?.S ?? "",
  rev: Number(rev?.N),
  body: body?.S ?? "",
  ...(vpk?.S !== undefined && vsk?.S !== undefined && { view: { pk: vpk.S as Partition, sk: vsk.S } }),
  ...(expiresAt?.N !== undefined && { expiresAt: Number(expiresAt.N) }),
});
