/**
 * Tenants are apart by IAM (I1): the policies of the synthesized template, enforced in front of DynamoDB, with the product's
 * own vending of credentials and adapter and with the SDK's calls as an attacker would make them who has taken over a
 * function. docs/aws.md, "Tenant isolation", says how to run the same against an account.
 */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { anyPartition } from "#test/contract/any-key";
import {
  bucketPolicy,
  clock,
  close,
  everything,
  layers,
  objects,
  only,
  openHouse,
  openTables,
  own,
  policy,
  table,
  tenantRole,
  tenants,
  wrong,
} from "./house.ts";
import { mutantsOf } from "./mutants.ts";
import { type Result, runSuite } from "./suite.ts";

beforeAll(openTables);
afterAll(close);

describe("a tenant's credentials reach that tenant's items and nothing else", () => {
  let result: Result;

  test.each(Object.entries(layers))("%s", async (layer, policies) => {
    result = await runSuite((await openHouse(policies)).scene);
    expect(result.violations).toEqual([]);
    expect(result.probes.filter(({ wanted }) => wanted === "served").length).toBeGreaterThan(15);
    expect(result.probes.filter(({ wanted }) => wanted === "denied").length).toBeGreaterThan(200);
    expect(wrong(objects, policies), layer).toEqual([]);
  });

  test("nor do credentials without the tag reach anything, the own items included", () => {
    for (const [layer, policies] of Object.entries(layers))
      expect(wrong([...result.probes, ...objects], policies), layer).toEqual([]);
    expect(tenantRole.tags).not.toContain("tenant"); // a session without the tag would have the role's
  });

  describe("each statement and each condition is needed", () => {
    const probes = () => [...result.probes, ...objects];
    test.each(mutantsOf(only("Allow"), () => true))("allowed: without $without", ({ policy: mutant }) => {
      expect(wrong(probes(), [mutant])).not.toEqual([]);
    });
    test.each(mutantsOf(only("Deny"), () => true))("denied: without $without", ({ policy: mutant }) => {
      expect(wrong(probes(), [mutant, everything])).not.toEqual([]);
    });
    test.each(mutantsOf(bucketPolicy ?? policy, ({ sid }) => sid.startsWith("Own")))(
      "the bucket's policy: without $without",
      ({ policy: mutant }) => {
        expect(wrong(objects, [only("Allow")], mutant)).not.toEqual([]);
      },
    );

    test("and the gateway really enforces them: a mutant on the wire", async () => {
      const loose = mutantsOf(only("Allow"), ({ sid }) => sid === "OwnItems").find(({ without }) =>
        without.includes("#ab"),
      );
      const { violations: prefix } = await runSuite((await openHouse([loose?.policy ?? policy])).scene);
      expect(prefix.some((one) => one.includes(tenants.longer))).toBe(true);
      expect(prefix.some((one) => one.includes(tenants.other))).toBe(false);
    });
  });
});

describe("the product on these credentials", () => {
  const item = (tenant: string, sk: string, view: string) => ({
    pk: anyPartition(`T#${tenant}#thing`),
    sk,
    rev: 1,
    body: "{}",
    view: { pk: anyPartition(`T#${view}#V#things`), sk },
  });

  test("the table adapter works for each tenant, and each sees its own", async () => {
    const { clients } = await openHouse([policy]);
    const store = dynamoTableStore({ clientOf: clients.clientOf, tableName: table("core"), clock });
    for (const tenant of Object.values(tenants)) {
      const mine = store.tenant(tenant);
      expect(await mine.transact([{ put: item(tenant, "a", tenant), if: "absent" }])).toEqual({ ok: true });
      expect(
        await mine.transact([{ put: item(tenant, "b", tenant) }, { check: item(tenant, "a", tenant), if: { rev: 1 } }]),
      ).toEqual({ ok: true });
      expect(await mine.get(item(tenant, "a", tenant), { consistent: true })).toEqual(item(tenant, "a", tenant));
      const { items } = await mine.query({ pk: `T#${tenant}#V#things`, view: true, limit: 10 });
      expect(items).toEqual([item(tenant, "a", tenant), item(tenant, "b", tenant)]);
      const gone = await mine.transact([{ delete: item(tenant, "a", tenant) }, { delete: item(tenant, "b", tenant) }]);
      expect(gone).toEqual({ ok: true });
    }
  });

  // LeadingKeys knows the partition that is written, not the partition of the view that the item shows up in.
  test("an entry that another tenant plants in a view is not seen", async () => {
    const { clients } = await openHouse([policy]);
    const Item = {
      pk: { S: `T#${own}#thing` },
      sk: { S: "planted" },
      rev: { N: "1" },
      body: { S: "{}" },
      vpk: { S: `T#${tenants.other}#V#things` },
      vsk: { S: "planted" },
    };
    await clients.clientOf(own).send(new PutItemCommand({ TableName: table("core"), Item }));
    const theirs = dynamoTableStore({ clientOf: clients.clientOf, tableName: table("core"), clock }).tenant(
      tenants.other,
    );
    const real = item(tenants.other, "z", tenants.other);
    await theirs.transact([{ put: real }]);
    const view = { pk: `T#${tenants.other}#V#things`, view: true };
    expect(await theirs.query({ ...view, limit: 10 })).toEqual({ items: [real] });
    expect(await theirs.query({ ...view, limit: 1 })).toEqual({ items: [real] });
  });
});
