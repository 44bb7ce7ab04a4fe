/**
 * What a tenant's credentials may and may not do, as calls of the SDK. The same probes run against the gateway and against
 * an account.
 */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateBackupCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { tableShape } from "#shared/adapters/aws/dynamodb";

export type Send = (client: DynamoDBClient, table: string, pk: string) => Promise<unknown>;

const sk = { S: "a" };
const body = { S: "{}" };
const rev = { N: "1" };
const key = (pk: string) => ({ pk: { S: pk }, sk });
const item = (pk: string) => ({ ...key(pk), rev, body });
const view = (pk: string) => pk.replace(/#thing$/, "#V#things");

/** Calls that name a partition: served for the tenant's own, denied for any other. */
export const byPartition: Readonly<Record<string, Send>> = {
  PutItem: (client, TableName, pk) => client.send(new PutItemCommand({ TableName, Item: item(pk) })),
  GetItem: (client, TableName, pk) => client.send(new GetItemCommand({ TableName, Key: key(pk) })),
  Query: (client, TableName, pk) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :a AND :b",
        ExpressionAttributeValues: { ":pk": { S: pk }, ":a": { S: "a" }, ":b": { S: "b" } },
      }),
    ),
  "Query with names": (client, TableName, pk) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "begins_with(#s, :a) AND :pk = #p",
        ExpressionAttributeNames: { "#p": "pk", "#s": "sk" },
        ExpressionAttributeValues: { ":pk": { S: pk }, ":a": { S: "a" } },
      }),
    ),
  "Query of the view": (client, TableName, pk) =>
    client.send(
      new QueryCommand({
        TableName,
        IndexName: tableShape.view.name,
        KeyConditionExpression: "vpk = :view",
        ExpressionAttributeValues: { ":view": { S: view(pk) } },
      }),
    ),
  UpdateItem: (client, TableName, pk) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key: key(pk),
        UpdateExpression: "SET body = :body",
        ExpressionAttributeValues: { ":body": body },
        ReturnValues: "ALL_NEW",
      }),
    ),
  BatchGetItem: (client, TableName, pk) =>
    client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key(pk)] } } })),
  BatchWriteItem: (client, TableName, pk) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: item(pk) } }] } })),
  "BatchWriteItem, delete": (client, TableName, pk) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: key(pk) } }] } })),
  "TransactWriteItems, Put": (client, TableName, pk) =>
    client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: item(pk) } }] })),
  "TransactWriteItems, ConditionCheck": (client, TableName, pk) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ ConditionCheck: { TableName, Key: key(pk), ConditionExpression: "attribute_exists(pk)" } }],
      }),
    ),
  "TransactWriteItems, Update": (client, TableName, pk) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName,
              Key: key(pk),
              UpdateExpression: "SET body = :body",
              ExpressionAttributeValues: { ":body": body },
            },
          },
        ],
      }),
    ),
  TransactGetItems: (client, TableName, pk) =>
    client.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: key(pk) } }] })),
  "TransactWriteItems, Delete": (client, TableName, pk) =>
    client.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key: key(pk) } }] })),
  DeleteItem: (client, TableName, pk) => client.send(new DeleteItemCommand({ TableName, Key: key(pk) })),
};

/** One own partition beside a foreign one: denied as a whole. */
export const mixed: Readonly<
  Record<string, (client: DynamoDBClient, table: string, own: string, foreign: string) => Promise<unknown>>
> = {
  BatchGetItem: (client, table, own, foreign) =>
    client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key(own), key(foreign)] } } })),
  TransactGetItems: (client, TableName, own, foreign) =>
    client.send(
      new TransactGetItemsCommand({
        TransactItems: [{ Get: { TableName, Key: key(own) } }, { Get: { TableName, Key: key(foreign) } }],
      }),
    ),
  TransactWriteItems: (client, TableName, own, foreign) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: item(own) } },
          { ConditionCheck: { TableName, Key: key(foreign), ConditionExpression: "attribute_exists(pk)" } },
        ],
      }),
    ),
  BatchWriteItem: (client, table, own, foreign) =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { [table]: [{ PutRequest: { Item: item(own) } }, { DeleteRequest: { Key: key(foreign) } }] },
      }),
    ),
};

const statement = (table: string, pk: string) => `SELECT * FROM "${table}" WHERE pk='${pk}' AND sk='a'`;

/** Ways to items that name no partition, and the table itself: denied, the tenant's own items included. */
export const keyless: Readonly<Record<string, Send>> = {
  Scan: (client, TableName) => client.send(new ScanCommand({ TableName })),
  "Scan with a filter": (client, TableName, pk) =>
    client.send(
      new ScanCommand({
        TableName,
        FilterExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
      }),
    ),
  "Scan of the view": (client, TableName) =>
    client.send(new ScanCommand({ TableName, IndexName: tableShape.view.name })),
  ExecuteStatement: (client, table, pk) =>
    client.send(new ExecuteStatementCommand({ Statement: statement(table, pk) })),
  "ExecuteStatement, INSERT": (client, table, pk) =>
    client.send(
      new ExecuteStatementCommand({ Statement: `INSERT INTO "${table}" VALUE {'pk':'${pk}','sk':'a','body':'{}'}` }),
    ),
  "ExecuteStatement, UPDATE": (client, table, pk) =>
    client.send(
      new ExecuteStatementCommand({ Statement: `UPDATE "${table}" SET body='{}' WHERE pk='${pk}' AND sk='a'` }),
    ),
  "ExecuteStatement, DELETE": (client, table, pk) =>
    client.send(new ExecuteStatementCommand({ Statement: `DELETE FROM "${table}" WHERE pk='${pk}' AND sk='a'` })),
  ExecuteTransaction: (client, table, pk) =>
    client.send(new ExecuteTransactionCommand({ TransactStatements: [{ Statement: statement(table, pk) }] })),
};

/** What is done to a table as a whole. */
export const administration: Readonly<Record<string, (client: DynamoDBClient, table: string) => Promise<unknown>>> = {
  DescribeTable: (client, TableName) => client.send(new DescribeTableCommand({ TableName })),
  UpdateTable: (client, TableName) =>
    client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })),
  UpdateTimeToLive: (client, TableName) =>
    client.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: "sk", Enabled: true } }),
    ),
  DeleteTable: (client, TableName) => client.send(new DeleteTableCommand({ TableName })),
  CreateBackup: (client, TableName) => client.send(new CreateBackupCommand({ TableName, BackupName: "theirs" })),
  ListTables: (client) => client.send(new ListTablesCommand({})),
};

/** Calls that name the table by its ARN. */
export const byArn: Readonly<Record<string, (client: DynamoDBClient, arn: string) => Promise<unknown>>> = {
  ExportTableToPointInTime: (client, TableArn) =>
    client.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: "theirs" })),
  PutResourcePolicy: (client, ResourceArn) =>
    client.send(new PutResourcePolicyCommand({ ResourceArn, Policy: JSON.stringify({ Version: "2012-10-17" }) })),
};

/** BatchExecuteStatement answers 200 and says of each statement what came of it. */
export async function batchStatement(client: DynamoDBClient, table: string, pk: string): Promise<void> {
  const answer = await client.send(
    new BatchExecuteStatementCommand({ Statements: [{ Statement: statement(table, pk) }] }),
  );
  const code = answer.Responses?.[0]?.Error?.Code;
  if (code !== undefined) throw Object.assign(new Error(code), { name: code });
}

/** `served`, `denied`, or the name of what else came of it: past IAM, but not what was asked for. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "served";
  } catch (error) {
    const { name } = error as Error;
    return name === "AccessDeniedException" || name === "AccessDenied" ? "denied" : name;
  }
}
