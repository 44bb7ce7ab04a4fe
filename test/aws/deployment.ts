/**
 * The functions of the registry as they run on AWS, each in a process of its own with the settings that its ports give it and no
 * others; tables on a real DynamoDB engine, the rest of AWS by `services.ts`. Streams and queues move when a test says so.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from "@aws-sdk/client-dynamodb-streams";
import { type LambdaFunction, lambdaFunctions, wakeFunctions } from "#functions/registry";
import { createTables, streamArn } from "#shared/adapters/aws/dynamodb";
import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { root } from "../../toolchain/runtime.mjs";
import { queueEvent } from "./lambda-events.ts";
import { type Services, startServices } from "./services.ts";

export const publicUrl = "https://pki.example.test";
export const revocationBaseUrl = "http://rev.example.test";

export interface Deployment {
  readonly services: Services;
  /** @throws Error with what the function said when it failed */
  invoke<T>(name: string, event: unknown): Promise<T>;
  /** As after a deployment, or long quiet: the next event is a new environment's. */
  restart(name: string): Promise<void>;
  /** New records of the core table's stream. */
  records(): Promise<readonly StreamRecord[]>;
  /** Takes the messages of a wake function's queue. */
  messages(name: string): string[];
  /** Stream to router, queues to their functions, until nothing moves. */
  settle(): Promise<void>;
  /** What the functions wrote to their logs. */
  log(): string;
  stop(): Promise<void>;
}

interface Environment {
  readonly process: ChildProcess;
  /** Ends when the event before is answered. */
  last: Promise<unknown>;
}

const prefix = "t-";

/** @param more settings, by function */
export async function startDeployment(
  more: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<Deployment> {
  const dynamo = await startDynamo();
  const journal = (await createTables(dynamo.client, `${dynamo.tables.core}-journal-`)).core;
  const environments = new Map<string, Environment>();
  const output: string[] = [];
  const services = await startServices((functionName, event) => call(functionName.slice(prefix.length), event));
  const queueUrl = (name: string): string => `${services.endpoint}/123456789012/${prefix}${name}`;
  for (const { name } of wakeFunctions) services.queues.set(queueUrl(name), []);
  services.parameters.set("/t/settings", JSON.stringify({ publicUrl, revocationBaseUrl }));
  const endpoint = await dynamo.client.config.endpoint?.();
  if (endpoint === undefined) throw new Error("the DynamoDB has no endpoint");
  const port = endpoint.port === undefined ? "" : `:${endpoint.port}`;
  const shared = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAFUNCTION",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL: services.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: `${endpoint.protocol}//${endpoint.hostname}${port}`,
    TRSTCTL_DEPLOYMENT: "t",
  };

  async function open(name: string): Promise<Environment> {
    const entry = lambdaFunctions.find((one) => one.name === name);
    if (entry === undefined) throw new Error(`no function ${name}`);
    const child = fork(join(root, "test/aws/environment.ts"), [join(root, "functions", entry.handler)], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: { ...shared, ...settingsOf(entry, dynamo, journal, queueUrl), ...more[name] },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part) => output.push(String(part)));
    await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error(`${name} ended:\n${output.join("")}`))),
    ]);
    return { process: child, last: Promise.resolve() };
  }

  async function call(name: string, event: unknown) {
    const environment = environments.get(name) ?? (await open(name));
    environments.set(name, environment);
    const mine = environment.last.then(async () => {
      const answered = once(environment.process, "message");
      environment.process.send(event as object);
      const [answer] = (await answered) as [{ readonly payload: unknown; readonly failed: boolean }];
      return answer;
    });
    environment.last = mine;
    return mine;
  }

  async function invoke<T>(name: string, event: unknown): Promise<T> {
    const { payload, failed } = await call(name, event);
    if (failed) throw new Error(`${name}: ${JSON.stringify(payload)}\n${output.slice(-20).join("")}`);
    return payload as T;
  }

  async function whole(name: string, event: unknown): Promise<void> {
    const { batchItemFailures } = await invoke<{ readonly batchItemFailures: readonly unknown[] }>(name, event);
    if (batchItemFailures.length > 0) throw new Error(`${name} gave back ${JSON.stringify(batchItemFailures)}`);
  }

  const messages = (name: string): string[] => services.queues.get(queueUrl(name))?.splice(0) ?? [];
  const records = await openStream(dynamo);

  return {
    services,
    invoke,
    async restart(name) {
      const environment = environments.get(name);
      environments.delete(name);
      await environment?.last;
      environment?.process.kill();
    },
    records,
    messages,
    async settle() {
      for (let idle = 0; idle < 2; ) {
        const Records = await records();
        if (Records.length > 0) await whole("router", { Records });
        const waiting = wakeFunctions.map(({ name }) => ({ name, bodies: messages(name) }));
        for (const { name, bodies } of waiting) if (bodies.length > 0) await whole(name, queueEvent(bodies));
        idle = Records.length === 0 && waiting.every(({ bodies }) => bodies.length === 0) ? idle + 1 : 0;
      }
    },
    log: () => output.join(""),
    async stop() {
      for (const { process: child } of environments.values()) child.kill();
      await services.stop();
      await dynamo.stop();
    },
  };
}

/** As `infra/aws/constructs/function-grants.ts` gives them. */
function settingsOf(
  { name, ports }: LambdaFunction,
  { tables }: Dynamo,
  journal: string,
  queueUrl: (name: string) => string,
): Record<string, string> {
  const role = { TRSTCTL_TENANT_ROLE_ARN: "arn:aws:iam::123456789012:role/t-tenant" };
  const own = wakeFunctions.some((one) => one.name === name) ? [name] : wakeFunctions.map((one) => one.name);
  const names = { TRSTCTL_DIRECTORY_TABLE: tables.directory };
  const byPort: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    table: { ...role, TRSTCTL_CORE_TABLE: tables.core, TRSTCTL_LANES: "8" },
    directory: names,
    "directory-write": names,
    "directory-list": names,
    blob: { ...role, TRSTCTL_BLOB_BUCKET: "blobs" },
    public: { TRSTCTL_PUBLIC_BUCKET: "public" },
    signer: { TRSTCTL_SIGNER_FUNCTION: `${prefix}signer` },
    settings: { TRSTCTL_SETTINGS_PARAMETER: "/t/settings" },
    providers: { TRSTCTL_SIGN_IN_PARAMETER: "/t/sign-in" },
    secret: { TRSTCTL_HOST_KEY_ID: "arn:aws:kms:us-east-1:123456789012:key/host" },
    wakes: { TRSTCTL_WAKE_QUEUES: JSON.stringify(Object.fromEntries(own.map((one) => [one, queueUrl(one)]))) },
  };
  const signer = {
    TRSTCTL_JOURNAL_TABLE: journal,
    TRSTCTL_SIGNER_BUCKET: "signer",
    TRSTCTL_WRAPPING_KEY_ID: "arn:aws:kms:us-east-1:123456789012:key/wrapping",
  };
  return Object.assign({}, ...ports.map((port) => byPort[port] ?? {}), name === "signer" ? signer : {}) as Record<
    string,
    string
  >;
}

/** @returns what the stream has got since it was asked last */
async function openStream({ client, streams, tables }: Dynamo): Promise<() => Promise<readonly StreamRecord[]>> {
  const StreamArn = await streamArn(client, tables.core);
  const iterators = new Map<string, string | undefined>();
  return async () => {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const all: StreamRecord[] = [];
    for (const { ShardId = "" } of StreamDescription?.Shards ?? []) {
      if (!iterators.has(ShardId)) {
        const command = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
        iterators.set(ShardId, (await streams.send(command)).ShardIterator);
      }
      const ShardIterator = iterators.get(ShardId);
      if (ShardIterator === undefined) continue;
      const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
      iterators.set(ShardId, NextShardIterator);
      all.push(...Records);
    }
    return all;
  };
}
