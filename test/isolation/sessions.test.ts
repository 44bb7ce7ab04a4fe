/** Who becomes a tenant: the trust policy of the synthesized template, asked by the STS of the gateway. */
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lambdaFunctions } from "#functions/registry";
import { account, region, synthesized } from "./deployment.ts";
import {
  bucketPolicy,
  close,
  deployed,
  everything,
  type House,
  name,
  objects,
  openHouse,
  openTables,
  own,
  policy,
  principalOf,
  roleNamed,
  tenantRole,
  tenants,
} from "./house.ts";
import { decide, type Principal } from "./iam/evaluate.ts";
import { mutantsOf } from "./mutants.ts";
import { outcomeOf } from "./probes.ts";
import { runSuite } from "./suite.ts";

beforeAll(openTables);
afterAll(close);

describe("only functions become a tenant, and only with its tag", () => {
  const careless = { tags: {}, account, policies: [everything] };
  const assume = async (house: House, caller: Principal, tags: Record<string, string>, transitive: string[] = []) =>
    await outcomeOf(() =>
      house.sts(caller).send(
        new AssumeRoleCommand({
          RoleArn: tenantRole.arn,
          RoleSessionName: "x",
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          TransitiveTagKeys: transitive,
        }),
      ),
    );
  const api = () => principalOf(roleNamed("api"), [everything]);
  /** Who or what is refused; the sentences name what the trust policy holds. */
  const refusals: Readonly<Record<string, () => [Principal, Record<string, string>]>> = {
    "no tag": () => [api(), {}],
    "an empty tag": () => [api(), { tenant: "" }],
    "a tag with a slash": () => [api(), { tenant: "a/b" }],
    "another tag beside it": () => [api(), { tenant: own, admin: "yes" }],
    "another tag alone": () => [api(), { other: own }],
    "the tag in other case": () => [api(), { Tenant: own }],
    "an administrator of the account": () => [
      { ...careless, arn: `arn:aws:iam::${account}:role/admin` },
      { tenant: own },
    ],
    "a role whose name is longer": () => [{ ...careless, arn: `${roleNamed("api").arn}x` }, { tenant: own }],
    "the signer": () => [principalOf(roleNamed("signer"), [everything]), { tenant: own }],
    "the router": () => [principalOf(roleNamed("router"), [everything]), { tenant: own }],
    "a tenant, for another": () => [
      { ...careless, arn: tenantRole.arn, tags: { tenant: own } },
      { tenant: tenants.other },
    ],
  };
  const refused = async (house: House): Promise<readonly string[]> => {
    const letIn: string[] = [];
    for (const [what, who] of Object.entries(refusals))
      if ((await assume(house, ...who())) === "served") letIn.push(what);
    return letIn;
  };

  test("all others are refused", async () => {
    const house = await openHouse([policy]);
    expect(await assume(house, principalOf(roleNamed("api")), { tenant: own }, ["tenant"])).toBe("served");
    expect(await refused(house)).toEqual([]);
  });

  test("STS takes no wildcard and no separator in a tag", async () => {
    const house = await openHouse([policy]);
    for (const tenant of ["*", "a*", "a?", "a#b", "#", "${aws:username}", 'a"b'])
      expect(await assume(house, api(), { tenant }), tenant).toBe("ValidationError");
  });

  test("each function that serves tenants may, by its own policy; no other role of the deployment does", async () => {
    const house = await openHouse([policy]);
    const may: string[] = [];
    for (const role of deployed.roles)
      if ((await assume(house, principalOf(role), { tenant: own })) === "served")
        may.push(role.name.split("-").slice(2).join("-").replace(`-${region}`, ""));
    const withTenants = lambdaFunctions.filter(({ ports }) => ports.includes("table") || ports.includes("blob"));
    expect(may.toSorted()).toEqual(withTenants.map((entry) => entry.name).toSorted());
  });

  test.each(mutantsOf(tenantRole.trust, () => true).filter(({ without }) => without.includes(",")))(
    "trust: $without is needed",
    async ({ policy: mutant }) => {
      expect(await refused(await openHouse([policy], mutant))).not.toEqual([]);
    },
  );

  test("in a silo it is one tenant's alone", async () => {
    const silo = synthesized({ name, isolation: "silo", tenantId: own }).roles.find(
      (role) => role.arn === tenantRole.arn,
    );
    const house = await openHouse([policy], silo?.trust);
    expect(await assume(house, api(), { tenant: own })).toBe("served");
    expect(await assume(house, api(), { tenant: tenants.other })).toBe("denied");
  });
});

test("no other role of the deployment reaches a tenant's item or blob itself", async () => {
  const { probes } = await runSuite((await openHouse([policy])).scene);
  const wanted = [...probes, ...objects].filter(({ wanted: one }) => one === "served");
  for (const role of deployed.roles) {
    if (role.arn === tenantRole.arn) continue;
    const principal = { arn: role.arn, account, tags: { tenant: own }, policies: role.policies };
    const reached = wanted
      .filter(({ questions }) =>
        questions.every(
          (one) => decide(principal, one, one.action.startsWith("s3:") ? bucketPolicy : undefined).allowed,
        ),
      )
      .map(({ what }) => what)
      .filter((what) => !what.startsWith("kms:"));
    expect(reached, role.name).toEqual([]);
  }
});
