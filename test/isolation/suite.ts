/** The probes as a suite over a scene. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import type { Question } from "./iam/evaluate.ts";
import { administration, batchStatement, byArn, byPartition, keyless, mixed, outcomeOf } from "./probes.ts";

export interface Scene {
  readonly core: string;
  readonly coreArn: string;
  readonly streamArn: string;
  /** Tables that hold something else; a tenant's credentials reach nothing there, whatever the key. */
  readonly otherTables: readonly string[];
  readonly otherRegion: string;
  /** Administration is tried on this table; where it is a real one's name and more, a failed test breaks nothing. */
  readonly administered: string;
  /** Three tenants; the second's name is the first's and more, so its keys begin alike. */
  readonly tenants: { readonly own: string; readonly longer: string; readonly other: string };
  /** With the credentials of this tenant, in this Region or the deployment's. */
  clientOf(tenant: string, region?: string): DynamoDBClient;
  streamsOf(tenant: string): DynamoDBStreamsClient;
  /** What IAM was asked since the last time; only where it is ours. */
  asked?(): readonly Question[];
}

export interface Probe {
  readonly what: string;
  readonly wanted: "served" | "denied";
  /** All must be allowed for it to be served. */
  readonly questions: readonly Question[];
}

export interface Result {
  /** What differs from what must be, as sentences. None: the tenants are apart. */
  readonly violations: readonly string[];
  readonly probes: readonly Probe[];
}

const partition = (tenant: string): string => `T#${tenant}#thing`;

/** Partitions that are not the tenant's, however near they come. */
const foreign = ({ tenants: { own, longer, other } }: Scene): readonly string[] => [
  partition(other),
  partition(longer),
  `T#${own}`,
  `t#${own}#thing`,
  `#T#${own}#thing`,
  ` T#${own}#thing`,
  `T#${own.toUpperCase()}#thing`,
  "T##thing",
  "T#*#thing",
  `G#tenant#${own}`,
];

export async function runSuite(scene: Scene): Promise<Result> {
  const { core, tenants } = scene;
  const client = scene.clientOf(tenants.own);
  const own = partition(tenants.own);
  const found: string[] = [];
  const probes: Probe[] = [];
  const expect = async (wanted: "served" | "denied", what: string, call: () => Promise<unknown>): Promise<void> => {
    scene.asked?.();
    const outcome = await outcomeOf(call);
    probes.push({ what, wanted, questions: scene.asked?.() ?? [] });
    if (outcome !== wanted) found.push(`${what}: ${outcome}, not ${wanted}`);
  };

  for (const [name, send] of Object.entries(byPartition)) {
    await expect("served", `${name} of the own ${own}`, () => send(client, core, own));
    for (const pk of foreign(scene)) await expect("denied", `${name} of ${pk}`, () => send(client, core, pk));
    for (const table of scene.otherTables)
      await expect("denied", `${name} of table ${table}`, () => send(client, table, own));
    const elsewhere = scene.clientOf(tenants.own, scene.otherRegion);
    await expect("denied", `${name} in ${scene.otherRegion}`, () => send(elsewhere, core, own));
  }
  // So that a check and a read beside the foreign item have something to find.
  await byPartition["PutItem"]?.(client, core, own);
  for (const [name, send] of Object.entries(mixed)) {
    await expect("served", `${name} of two own`, () => send(client, core, `${own}s`, own));
    for (const pk of foreign(scene).slice(0, 2))
      await expect("denied", `${name} of an own item and ${pk}`, () => send(client, core, own, pk));
  }
  await byPartition["DeleteItem"]?.(client, core, own);
  await byPartition["DeleteItem"]?.(client, core, `${own}s`);

  for (const [name, send] of Object.entries({ ...keyless, BatchExecuteStatement: batchStatement }))
    await expect("denied", name, () => send(client, core, own));
  for (const [name, send] of Object.entries(administration))
    await expect("denied", name, () => send(client, scene.administered));
  for (const [name, send] of Object.entries(byArn))
    await expect("denied", name, () => send(client, scene.coreArn.replace(core, scene.administered)));

  const streams = scene.streamsOf(tenants.own);
  const { streamArn: StreamArn } = scene;
  const iterator = { StreamArn, ShardId: "shardId-00000000000000000000-0", ShardIteratorType: "TRIM_HORIZON" } as const;
  await expect("denied", "ListStreams", () => streams.send(new ListStreamsCommand({ TableName: core })));
  await expect("denied", "DescribeStream", () => streams.send(new DescribeStreamCommand({ StreamArn })));
  await expect("denied", "GetShardIterator", () => streams.send(new GetShardIteratorCommand(iterator)));
  await expect("denied", "GetRecords", () =>
    streams.send(new GetRecordsCommand({ ShardIterator: `${StreamArn}|1|x` })),
  );
  return { violations: found, probes };
}
