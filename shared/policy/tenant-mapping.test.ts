import { describe, expect, it } from "vitest";
import { isFailure } from "#shared/kernel/failure";
import type { TenantMapping } from "#shared/ports/identity-provider";
import { mapToTenant, tenantsOf } from "./tenant-mapping.ts";

type Rules = TenantMapping["rules"];
interface Given {
  readonly rules?: Rules;
  readonly otherwise?: TenantMapping["default"];
  readonly groups_claim?: TenantMapping["groups_claim"];
}

const mapping = ({ rules = [], otherwise, groups_claim = "groups" }: Given): TenantMapping => ({
  groups_claim,
  rules,
  default: otherwise,
});
const map = (given: Given, claims: Record<string, unknown>, subject = "ada") =>
  mapToTenant(mapping(given), { subject, name: null, sid: null, shownAt: null, claims }, "Example ID");

const reasonOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return isFailure(error, "forbidden") ? error.extensions?.["reason"] : error;
  }
};

const acme = { tenant: "acme", roles: ["admin"] };
const beta = { tenant: "beta", roles: ["viewer"] };

describe("the kind of rule that decides", () => {
  const rules: Rules = [
    { group: "pki", ...beta },
    { claim: "org", value: "42", tenant: "gamma", roles: ["operator"] },
    { subject: "ada", ...acme },
  ];
  it("is the most specific that matches, wherever it stands", () => {
    expect(map({ rules, otherwise: beta }, { org: "42", groups: ["pki"] })).toEqual(acme);
    expect(map({ rules }, { org: "42", groups: ["pki"] }, "bob").tenant).toBe("gamma");
    expect(map({ rules }, { groups: ["pki"] }, "bob")).toEqual(beta);
  });

  it("is the default only where there is one", () => {
    expect(map({ rules, otherwise: beta }, {}, "eve")).toEqual(beta);
    expect(reasonOf(() => map({ rules }, {}, "eve"))).toBe("unmapped");
  });
});

describe("several rules of that kind", () => {
  it("give the roles of all in one tenant", () => {
    const rules: Rules = [
      { group: "a", tenant: "acme", roles: ["viewer", "auditor"] },
      { group: "b", tenant: "acme", roles: ["viewer", "operator"] },
    ];
    expect(map({ rules }, { groups: ["a", "b"] })).toEqual({
      tenant: "acme",
      roles: ["viewer", "auditor", "operator"],
    });
  });

  it("in two tenants are refused, whatever their order", () => {
    const rules: Rules = [
      { group: "a", ...acme },
      { group: "b", ...beta },
    ];
    for (const groups of [
      ["a", "b"],
      ["b", "a"],
    ])
      expect(reasonOf(() => map({ rules, otherwise: acme }, { groups }))).toBe("several_tenants");
  });
});

describe("a claim", () => {
  const rule = (claim: string | readonly string[], value: string | number | boolean): Given => ({
    rules: [{ claim, value, ...acme }],
  });
  it.each<[string, Given, Record<string, unknown>]>([
    ["is the value", rule("hd", "example.com"), { hd: "example.com" }],
    ["has it in its list", rule("roles", "pki"), { roles: ["x", "pki"] }],
    ["is a number or true", rule("employee", true), { employee: true }],
    ["lies inside another", rule(["realm_access", "roles"], "pki"), { realm_access: { roles: ["pki"] } }],
    ["is named by a URL", rule("https://example.com/org", "42"), { "https://example.com/org": "42" }],
    ["is a verified address", rule("email", "a@example.com"), { email: "a@example.com", email_verified: true }],
  ])("that %s matches", (_, given, claims) => {
    expect(map(given, claims)).toEqual(acme);
  });

  it.each<[string, Given, Record<string, unknown>]>([
    ["only begins so", rule("hd", "example.com"), { hd: "example.com.evil.test" }],
    ["is written otherwise", rule("hd", "example.com"), { hd: "Example.com" }],
    ["is the text of a number", rule("org", 42), { org: "42" }],
    ["is an address that nobody verified", rule("email", "a@example.com"), { email: "a@example.com" }],
    ["says so in words", rule("email", "a@example.com"), { email: "a@example.com", email_verified: "yes" }],
    ["is not its own", rule("constructor", "x"), {}],
    ["has the value as an object", rule("hd", "example.com"), { hd: { 0: "example.com" } }],
  ])("that %s does not", (_, given, claims) => {
    expect(reasonOf(() => map(given, claims))).toBe("unmapped");
  });
});

describe("groups", () => {
  const rules: Rules = [{ group: "pki", ...acme }];
  it("may lie inside another claim", () => {
    expect(map({ rules, groups_claim: ["a", "b"] }, { a: { b: ["pki"] } })).toEqual(acme);
  });

  it("that the provider left out are not taken for none: not even the default counts", () => {
    const claims = { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://x.test" } } };
    expect(reasonOf(() => map({ rules, otherwise: beta }, claims))).toBe("groups_left_out");
    expect(map({ rules: [...rules, { subject: "ada", ...beta }] }, claims)).toEqual(beta);
  });
});

it("the tenants of a provider are those of its rules and its default, once each", () => {
  const rules: Rules = [
    { group: "a", ...acme },
    { subject: "b", ...acme },
  ];
  expect(tenantsOf(mapping({ rules, otherwise: beta }))).toEqual(["acme", "beta"]);
});
