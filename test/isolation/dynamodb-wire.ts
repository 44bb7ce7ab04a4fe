/**
 * What IAM is asked about a request of DynamoDB, read from the request as it stands on the wire (Amazon DynamoDB
 * Developer Guide, "Using IAM policy conditions for fine-grained access control" and "Using IAM with DynamoDB
 * transactions"; Service Authorization Reference, "Amazon DynamoDB").
 */
import { leadingKeyOf } from "./key-condition.ts";
import type { Question } from "./iam/evaluate.ts";

type Json = Readonly<Record<string, unknown>>;
type Attribute = Readonly<Record<string, unknown>>;

export interface Where {
  readonly region: string;
  readonly account: string;
  /** The attribute that is the partition key of a table, or of its index. */
  readonly partitionKey: (table: string, index: string | undefined) => string;
}

/** All must be allowed. @param operation such as `GetItem`, from `x-amz-target` */
export function questionsOf(operation: string, body: Json, where: Where): readonly Question[] {
  const arn = (name: unknown, path = ""): string => {
    const table = optional(name) ?? "*";
    const full = table.startsWith("arn:") ? table : `arn:aws:dynamodb:${where.region}:${where.account}:table/${table}`;
    return full + path;
  };
  const keyOf = (table: unknown, item: unknown): readonly string[] => {
    const value = (item as Json | undefined)?.[where.partitionKey(nameOf(table), undefined)] as Attribute | undefined;
    return value === undefined ? [] : [textOf(value)];
  };
  const ask = (action: string, request: Json, keys: readonly string[], path = "", enclosing?: string): Question => ({
    action: `dynamodb:${action}`,
    resource: arn(request["TableName"], path),
    context: {
      "dynamodb:LeadingKeys": keys.length === 0 ? undefined : keys,
      "dynamodb:Attributes": attributesOf(request),
      "dynamodb:Select": optional(request["Select"]),
      "dynamodb:ReturnValues": optional(request["ReturnValues"]),
      "dynamodb:ReturnConsumedCapacity": optional(request["ReturnConsumedCapacity"]),
      "dynamodb:EnclosingOperation": enclosing,
    },
  });
  const single = (action: string, request: Json, enclosing?: string): Question =>
    ask(action, request, keyOf(request["TableName"], request["Item"] ?? request["Key"]), "", enclosing);

  switch (operation) {
    case "GetItem":
    case "PutItem":
    case "UpdateItem":
    case "DeleteItem":
      return [single(operation, body)];
    case "Query": {
      const index = optional(body["IndexName"]);
      const key = leadingKeyOf(body, where.partitionKey(nameOf(body["TableName"]), index));
      return [ask("Query", body, key === undefined ? [] : [textOf(key)], below(body))];
    }
    case "Scan":
      return [ask("Scan", body, [], below(body))];
    case "BatchGetItem":
      return Object.entries((body["RequestItems"] ?? {}) as Record<string, { Keys?: Json[] }>).map(([table, request]) =>
        ask(
          operation,
          { ...request, TableName: table },
          (request.Keys ?? []).flatMap((key) => keyOf(table, key)),
        ),
      );
    case "BatchWriteItem":
      return Object.entries((body["RequestItems"] ?? {}) as Record<string, Json[]>).map(([table, requests]) => {
        const items = requests.map((one) => itemOf(one["PutRequest"]) ?? itemOf(one["DeleteRequest"]));
        return ask(
          operation,
          { TableName: table },
          items.flatMap((item) => keyOf(table, item)),
        );
      });
    case "TransactGetItems":
    case "TransactWriteItems":
      return ((body["TransactItems"] ?? []) as Record<string, Json>[]).flatMap((item) =>
        Object.entries(item).map(([kind, request]) => single(itemActions[kind] ?? kind, request, operation)),
      );
    case "ExecuteStatement":
    case "BatchExecuteStatement":
    case "ExecuteTransaction":
      return statementsOf(body).map((statement) => {
        const { action, table, index } = partiql(statement);
        return { action, resource: arn(table, index === undefined ? "" : `/index/${index}`), context: {} };
      });
    default: {
      // Of streams and of tables themselves: none of them names a partition.
      const stream = optional(body["StreamArn"]) ?? /^(arn:[^ ]+)/.exec(optional(body["ShardIterator"]) ?? "")?.[1];
      const resource = stream ?? optional(body["TableArn"]) ?? optional(body["ResourceArn"]) ?? arn(body["TableName"]);
      return [{ action: `dynamodb:${operation}`, resource, context: {} }];
    }
  }
}

/** Actions within a transaction are authorised as what they are outside of one. */
const itemActions: Readonly<Record<string, string>> = {
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

const verbs: Readonly<Record<string, string>> = {
  select: "PartiQLSelect",
  insert: "PartiQLInsert",
  update: "PartiQLUpdate",
  delete: "PartiQLDelete",
};

const statementsOf = (body: Json): readonly string[] => {
  const many = (body["Statements"] ?? body["TransactStatements"] ?? [body]) as Json[];
  return many.map((one) => String(one["Statement"]));
};

function partiql(statement: string): { action: string; table: string; index: string | undefined } {
  const [, table = "*", index] = /(?:from|into|update)\s+"?([\w.-]+)"?(?:\."([\w.-]+)")?/i.exec(statement) ?? [];
  const verb = verbs[/^\s*(\w+)/.exec(statement)?.[1]?.toLowerCase() ?? ""] ?? "PartiQLSelect";
  return { action: `dynamodb:${verb}`, table, index };
}

/** `dynamodb:Attributes`: the top-level attributes that the request names. */
function attributesOf(request: Json): readonly string[] | undefined {
  const names = (request["ExpressionAttributeNames"] ?? {}) as Readonly<Record<string, string>>;
  const projected = (optional(request["ProjectionExpression"]) ?? "")
    .split(",")
    .map((path) => path.trim().split(/[.[]/)[0] ?? "")
    .filter((name) => name !== "")
    .map((name) => names[name] ?? name);
  const found = new Set([
    ...Object.keys({ ...(request["Item"] as Json), ...(request["Key"] as Json) }),
    ...projected,
    ...((request["AttributesToGet"] ?? []) as string[]),
    ...Object.values(names),
  ]);
  return found.size === 0 ? undefined : [...found];
}

const itemOf = (request: unknown): unknown =>
  (request as Json | undefined)?.["Item"] ?? (request as Json | undefined)?.["Key"];
const below = (body: Json): string =>
  optional(body["IndexName"]) === undefined ? "" : `/index/${optional(body["IndexName"])}`;
const textOf = (value: Attribute): string => String(value["S"] ?? value["N"] ?? value["B"]);
const optional = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const nameOf = (table: unknown): string => String(table).split("/").at(-1) ?? "";
