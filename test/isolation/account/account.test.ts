/** The same probes where AWS decides. Writes items of tenants that do not exist, and takes them away again. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { dynamoClient, streamArn } from "#shared/adapters/aws/dynamodb";
import { tenantClients } from "#shared/adapters/aws/tenant-clients";
import { tenantCredentials } from "#shared/adapters/aws/tenant-credentials";
import { systemClock } from "#shared/adapters/local/clock";
import { randomId } from "#test/contract/fixtures";
import { outcomeOf } from "../probes.ts";
import { runSuite } from "../suite.ts";
import { accountSettings } from "./settings.ts";

const { region, core, otherTables, roleArn, account } = accountSettings(process.env);
const sts = new STSClient({ region });
const own = `iso-${randomId()}`;

test("a tenant's credentials reach that tenant's items and nothing else", async () => {
  const credentials = tenantCredentials({ sts, roleArn, clock: systemClock });
  const clients = tenantClients(credentials, (identity) => dynamoClient({ region, ...identity }));
  const identity = (tenant: string) => ({ credentials: () => credentials.of(tenant) });
  const { violations } = await runSuite({
    core,
    coreArn: `arn:aws:dynamodb:${region}:${account}:table/${core}`,
    streamArn: await streamArn(dynamoClient({ region }), core),
    otherTables,
    otherRegion: region === "us-east-1" ? "us-west-2" : "us-east-1",
    administered: `${core}-none`,
    tenants: { own, longer: `${own}x`, other: `iso-${randomId()}` },
    clientOf: (tenant, other) =>
      other === undefined ? clients.clientOf(tenant) : new DynamoDBClient({ ...identity(tenant), region: other }),
    streamsOf: (tenant) => new DynamoDBStreamsClient({ ...identity(tenant), region }),
  });
  expect(violations).toEqual([]);
}, 300_000);

test.each([
  ["no tag", {}],
  ["an empty tag", { tenant: "" }],
  ["a tag with a slash", { tenant: "a/b" }],
  ["another tag beside it", { tenant: own, admin: "yes" }],
  ["another tag alone", { other: own }],
])("the role is not assumed with %s", async (_what, tags) => {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "isolation", Tags });
  expect(await outcomeOf(() => sts.send(command))).toBe("denied");
});
