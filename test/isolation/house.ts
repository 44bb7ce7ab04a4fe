/** The synthesized deployment with a gateway in front of DynamoDB, and the product's vending of credentials on it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { STSClient } from "@aws-sdk/client-sts";
import { createTables, dynamoClient, tableShape } from "#shared/adapters/aws/dynamodb";
import { type TenantClients, tenantClients } from "#shared/adapters/aws/tenant-clients";
import { tenantCredentials } from "#shared/adapters/aws/tenant-credentials";
import { type Dynamo, startDynamo } from "#test/contract/dynamo";
import { manualClock, randomId } from "#test/contract/fixtures";
import { account, region, synthesized } from "./deployment.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { decide, type Principal } from "./iam/evaluate.ts";
import { type Policy, readPolicy } from "./iam/policy.ts";
import { objectProbes } from "./object-probes.ts";
import type { Probe, Scene } from "./suite.ts";
import type { DeployedRole } from "./template.ts";

export const name = `iso-${randomId()}`;
export const deployed = synthesized({ name });
export const roleNamed = (entry: string): DeployedRole => {
  const found = deployed.roles.find((role) => role.name === `${name}-${entry}-${region}`);
  if (found === undefined) throw new Error(`the template has no role for ${entry}`);
  return found;
};
export const tenantRole = roleNamed("tenant");
export const [policy = readPolicy({})] = tenantRole.policies;
export const everything = readPolicy({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
});

/** What holds alone: the role as it is, what it allows, and what it denies when all is allowed to it by mistake. */
export const only = (effect: string): Policy => ({
  ...policy,
  statements: policy.statements.filter((one) => one.effect === effect),
});
export const layers = {
  "the role as it is": [policy],
  "what it allows, alone": [only("Allow")],
  "what it denies, alone, with a grant of everything beside it": [only("Deny"), everything],
} as const;

export const own = `t${randomId()}`;
export const tenants = { own, longer: `${own}x`, other: `u${randomId()}` };
export const table = (entry: string) => `${name}-${entry}`;
export const clock = manualClock();

let dynamo: Dynamo;
const opened: { stop(): Promise<void> | void }[] = [];

export async function openTables(): Promise<void> {
  dynamo = await startDynamo();
  await createTables(dynamo.client, `${name}-`);
}

export async function close(): Promise<void> {
  for (const one of opened) await one.stop();
  await dynamo.stop();
}

export interface House {
  readonly gateway: Gateway;
  readonly clients: TenantClients<DynamoDBClient>;
  readonly scene: Scene;
  sts(principal: Principal): STSClient;
}

export const principalOf = (role: DeployedRole, extra: readonly Policy[] = []): Principal => ({
  arn: role.arn,
  account,
  tags: {},
  policies: [...role.policies, ...extra],
});

/** A gateway whose tenant role has these policies, and the API function with the product's vending in front of it. */
export async function openHouse(policies: readonly Policy[], trust: Policy = tenantRole.trust): Promise<House> {
  const gateway = await startGateway({
    upstream:
      (await dynamo.client.config
        .endpoint?.()
        .then(({ protocol, hostname, port }) => `${protocol}//${hostname}:${port}`)) ?? "",
    account,
    partitionKey: (_table, index) => (index === undefined ? tableShape : tableShape.view).partitionKey,
    roles: [{ arn: tenantRole.arn, policies, trust }],
  });
  const { endpoint } = gateway;
  const sts = (principal: Principal) =>
    new STSClient({ endpoint, region, credentials: gateway.session(principal), maxAttempts: 1 });
  const credentials = tenantCredentials({ sts: sts(principalOf(roleNamed("api"))), roleArn: tenantRole.arn, clock });
  const clients = tenantClients(credentials, (identity) => dynamoClient({ endpoint, region, ...identity }));
  const identity = (tenant: string) => ({ endpoint, maxAttempts: 1, credentials: () => credentials.of(tenant) });
  const elsewhere = new Map<string, DynamoDBClient>();
  const coreArn = `arn:aws:dynamodb:${region}:${account}:table/${table("core")}`;
  opened.push(gateway, { stop: clients.close });
  return {
    gateway,
    clients,
    sts,
    scene: {
      core: table("core"),
      coreArn,
      streamArn: `${coreArn}/stream/2026-11-26T00:00:00.000`,
      otherTables: [table("directory"), table("journal")],
      otherRegion: "us-east-1",
      administered: table("core"),
      tenants,
      asked: gateway.asked,
      clientOf(tenant, other) {
        if (other === undefined) return clients.clientOf(tenant);
        const client = elsewhere.get(other) ?? new DynamoDBClient({ ...identity(tenant), region: other });
        elsewhere.set(other, client);
        return client;
      },
      streamsOf: (tenant) => new DynamoDBStreamsClient({ ...identity(tenant), region }),
    },
  };
}

export const [bucket = ""] = [...deployed.buckets.keys()].filter((one) => one.startsWith("blobs"));
export const bucketPolicy = deployed.buckets.get(bucket);
const keyArn = policy.statements.find(({ sid }) => sid === "DataKey")?.resources.patterns[0] ?? "";
export const objects = objectProbes({
  tableArn: `arn:aws:dynamodb:${region}:${account}:table/${table("core")}`,
  bucket,
  otherBucket: [...deployed.buckets.keys()].find((one) => one.startsWith("public")) ?? "",
  keyArn,
  otherKeyArn: keyArn.replace("datakey", "hostkey"),
  region,
  tenants,
});

/** Probes that come out otherwise than they must with these policies; with a session that has no tag all must be denied. */
export function wrong(
  probes: readonly Probe[],
  policies: readonly Policy[],
  resource = bucketPolicy,
): readonly string[] {
  const served = ({ questions }: Probe, tags: Principal["tags"]): boolean =>
    questions.every((one) => {
      const inBucket = one.action.startsWith("s3:") && one.resource.includes(bucket);
      return decide({ arn: tenantRole.arn, account, tags, policies }, one, inBucket ? resource : undefined).allowed;
    });
  return probes.flatMap((probe) => [
    ...(served(probe, { tenant: own }) === (probe.wanted === "served") ? [] : [probe.what]),
    ...(served(probe, {}) ? [`without a tag: ${probe.what}`] : []),
  ]);
}
