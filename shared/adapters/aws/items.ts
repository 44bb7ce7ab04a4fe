/** SharedItems on a DynamoDB table: consistent reads, and writes of one item with a condition (no transaction: half the units). */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { SharedItem, SharedItems } from "#shared/ports/items";
import type { Condition, Key } from "#shared/ports/table";
import { dynamoFailure } from "./dynamodb.ts";

type Attributes = Record<string, AttributeValue>;

/** Key attributes as in `tableShape`, without a view; `rev` (N) and `body` (B). */
export function dynamoItems({
  client,
  tableName,
}: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}): SharedItems {
  const TableName = tableName;

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw dynamoFailure(error, tableName);
    }
  }

  const conditional = (work: () => Promise<unknown>): Promise<boolean> =>
    asked(async () => {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    });

  return {
    get: (key) =>
      asked(async () => {
        const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(key), ConsistentRead: true }));
        return Item && itemOf(Item);
      }),

    after: (pk, sk, limit) =>
      asked(async () => {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName,
            // DynamoDB takes no empty string for a key, not even to compare with.
            KeyConditionExpression: sk === "" ? "pk = :pk" : "pk = :pk AND sk > :sk",
            ExpressionAttributeValues: { ":pk": { S: pk }, ...(sk !== "" && { ":sk": { S: sk } }) },
            ConsistentRead: true,
            Limit: limit,
          }),
        );
        return { items: Items.map(itemOf), more: LastEvaluatedKey !== undefined };
      }),

    put: (item, condition) =>
      conditional(() =>
        client.send(
          new PutItemCommand({
            TableName,
            Item: { ...keyOf(item), rev: { N: String(item.rev) }, body: { B: item.body } },
            ...conditionOf(condition),
          }),
        ),
      ),

    delete: (key, condition) =>
      conditional(() => client.send(new DeleteItemCommand({ TableName, Key: keyOf(key), ...conditionOf(condition) }))),
  };
}

const conditionOf = (condition: Condition) =>
  condition === "absent"
    ? { ConditionExpression: "attribute_not_exists(pk)" }
    : { ConditionExpression: "rev = :rev", ExpressionAttributeValues: { ":rev": { N: String(condition.rev) } } };

const keyOf = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

const itemOf = ({ pk, sk, rev, body }: Attributes): SharedItem => ({
  pk: pk?.S ?? "",
  sk: sk?.S ?? "",
  rev: Number(rev?.N),
  body: new Uint8Array(body?.B ?? []),
});
