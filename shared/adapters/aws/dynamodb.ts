/** The DynamoDB client, the shape of our tables, and what its exceptions mean to us. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { Failure, type FailureCode } from "#shared/kernel/failure";

export interface DynamoOptions {
  /** Only for tests and local runs; otherwise the SDK's own configuration (`AWS_ENDPOINT_URL`, Region, role) holds. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: NonNullable<DynamoDBClientConfig["credentials"]>;
  /** Instead of connections of its own; with its own patience. */
  readonly requestHandler?: NonNullable<DynamoDBClientConfig["requestHandler"]>;
}

/** Three attempts within a Lambda's patience. The SDK repeats a transaction with its ClientRequestToken, so only once. */
export const dynamoClient = (options: DynamoOptions = {}): DynamoDBClient =>
  new DynamoDBClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

/** The shape of every table of ours; CDK builds from it too. */
export const tableShape = {
  partitionKey: "pk",
  sortKey: "sk",
  /** All attributes projected: a view answers with whole items. */
  view: { name: "view1", partitionKey: "vpk", sortKey: "vsk" },
  /** Seconds. DynamoDB deletes up to days late; the exact moment is `expiresAt`, which readers check. */
  ttl: "ttl",
  stream: "NEW_IMAGE",
} as const;

export interface TableNames {
  /** All tenants' items. */
  readonly core: string;
  /** Public names before the tenant is known. */
  readonly directory: string;
}

/** Makes both tables for tests and local runs. No error when they exist. */
export async function createTables(client: DynamoDBClient, prefix: string): Promise<TableNames> {
  const names: TableNames = { core: `${prefix}core`, directory: `${prefix}directory` };
  await createTable(client, names.core, true);
  await createTable(client, names.directory, false);
  return names;
}

async function createTable(client: DynamoDBClient, name: string, stream: boolean): Promise<void> {
  const { partitionKey, sortKey, view } = tableShape;
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [partitionKey, sortKey, view.partitionKey, view.sortKey].map((AttributeName) => ({
          AttributeName,
          AttributeType: "S",
        })),
        KeySchema: keySchema(partitionKey, sortKey),
        GlobalSecondaryIndexes: [
          {
            IndexName: view.name,
            KeySchema: keySchema(view.partitionKey, view.sortKey),
            Projection: { ProjectionType: "ALL" },
          },
        ],
        ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: tableShape.stream } }),
      }),
    );
  } catch (error) {
    if (nameOf(error) !== "ResourceInUseException") throw dynamoFailure(error, name);
    return;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: name });
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: tableShape.ttl, Enabled: true },
    }),
  );
}

const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];

/** The table's stream. @throws Failure `misconfigured` when it has none. */
export async function streamArn(client: DynamoDBClient, tableName: string): Promise<string> {
  const answer = await client.send(new DescribeTableCommand({ TableName: tableName })).catch((error: unknown) => {
    throw dynamoFailure(error, tableName);
  });
  const arn = answer.Table?.LatestStreamArn;
  if (arn === undefined)
    throw new Failure("misconfigured", `table ${tableName} has no stream: enable it with ${tableShape.stream}`);
  return arn;
}

const busy = "is out of throughput: try again";
const refusing = "does not know the credentials of this session: try again";
const unreachable = "cannot be reached: try again";

/** Exceptions that are not defects of ours, by name or system code. */
const expected: Readonly<Record<string, { readonly code: FailureCode; readonly detail: string }>> = {
  ThrottlingException: { code: "unavailable", detail: busy },
  ProvisionedThroughputExceededException: { code: "unavailable", detail: busy },
  RequestLimitExceeded: { code: "unavailable", detail: busy },
  TransactionConflictException: {
    code: "unavailable",
    detail: "is at another transaction of the same item: try again",
  },
  TransactionInProgressException: {
    code: "unavailable",
    detail: "still works on this transaction: look before trying again",
  },
  ExpiredTokenException: { code: "unavailable", detail: refusing },
  UnrecognizedClientException: { code: "unavailable", detail: refusing },
  InternalServerError: { code: "unavailable", detail: unreachable },
  ServiceUnavailable: { code: "unavailable", detail: unreachable },
  TimeoutError: { code: "unavailable", detail: unreachable },
  ECONNREFUSED: { code: "unavailable", detail: unreachable },
  ECONNRESET: { code: "unavailable", detail: unreachable },
  ENOTFOUND: { code: "unavailable", detail: unreachable },
  EPIPE: { code: "unavailable", detail: unreachable },
  ETIMEDOUT: { code: "unavailable", detail: unreachable },
  ResourceNotFoundException: {
    code: "misconfigured",
    detail: "does not exist in this account and Region: deploy the stack first",
  },
};

/** The exception's name, or the system error's code. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return error.name in expected || !("code" in error) ? error.name : String(error.code);
}

/** What the client threw as a `Failure` when it is not a defect of ours, else the error itself. */
export function dynamoFailure(error: unknown, tableName: string): unknown {
  const row = expected[nameOf(error)];
  if (row === undefined) return error;
  return new Failure(row.code, `the store ${row.detail}`, { place: `table ${tableName}`, cause: error });
}
