/** A DynamoDB for a suite: the one at AWS_ENDPOINT_URL, or a dynoxide that it starts itself. None reachable = it fails. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { createTables, dynamoClient, type TableNames } from "#shared/adapters/aws/dynamodb";
import { randomId } from "./fixtures.ts";
import { freePort } from "./free-port.ts";

export interface DynamoServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface Dynamo {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  /** Tables of this suite alone. */
  readonly tables: TableNames;
  stop(): Promise<void>;
}

const binary = fileURLToPath(new URL("../../node_modules/@dynoxide/linux-x64/dynoxide", import.meta.url));

/** @param start another server than those, e.g. DynamoDB Local */
export async function startDynamo(start?: () => Promise<DynamoServer>): Promise<Dynamo> {
  const given = start === undefined ? process.env["AWS_ENDPOINT_URL"] : undefined;
  const server =
    given === undefined ? await (start ?? startDynoxide)() : { endpoint: given, stop: async () => undefined };
  const local = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  const options = { endpoint: server.endpoint, ...(given === undefined && local) };
  const client = dynamoClient(options);
  const streams = new DynamoDBStreamsClient(options);
  const stop = async (): Promise<void> => {
    client.destroy();
    streams.destroy();
    await server.stop();
  };
  try {
    await reachable(client, server.endpoint);
    return {
      endpoint: server.endpoint,
      client,
      streams,
      tables: await createTables(client, `trst-${randomId()}-`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function startDynoxide(): Promise<DynamoServer> {
  if (!existsSync(binary)) {
    throw new Error(`no DynamoDB: ${binary} is missing; install optional dependencies or set AWS_ENDPOINT_URL`);
  }
  const port = await freePort();
  const child = spawn(binary, ["serve", "--port", String(port)], { stdio: ["ignore", "ignore", "inherit"] });
  const gone = once(child, "exit");
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function reachable(client: DynamoDBClient, endpoint: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new ListTablesCommand({ Limit: 1 }));
      return;
    } catch (cause) {
      if (attempt === 200) throw new Error(`no DynamoDB answers at ${endpoint}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
