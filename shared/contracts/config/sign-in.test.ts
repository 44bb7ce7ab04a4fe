import { describe, expect, it } from "vitest";
import { checkSignIn } from "./sign-in.ts";

const provider = {
  title: "Example ID",
  issuer: "https://id.example.test",
  client_id: "trstctl",
  rules: [{ group: "pki", tenant: "acme", roles: ["admin"] }],
};
const check = (change: object) => checkSignIn({ providers: { idp: { ...provider, ...change } } });

describe("the document of identity providers", () => {
  it("has defaults that ask for no more than is needed", () => {
    expect(check({})).toMatchObject({
      providers: {
        idp: {
          scopes: ["openid", "profile", "email"],
          id_token_algs: ["RS256"],
          groups_claim: "groups",
          private_networks: false,
          client_authentication: "client_secret_basic",
        },
      },
    });
  });

  it.each<[string, object, string]>([
    ["a secret in it", { client_secret: "hush" }, "client_secret"],
    ["plain HTTP", { issuer: "http://id.example.test" }, "providers.idp.issuer: expected an https:// URL"],
    ["an issuer with a query", { issuer: "https://id.example.test?a" }, "providers.idp.issuer: expected no query"],
    ["alg none", { id_token_algs: ["none"] }, "providers.idp.id_token_algs.0: expected some of RS256"],
    ["a symmetric alg", { id_token_algs: ["RS256", "HS256"] }, "providers.idp.id_token_algs.1: expected some of"],
    ["no openid among the scopes", { scopes: ["profile"] }, "providers.idp.scopes: openid is missing"],
    ["no rule and no default", { rules: [] }, "providers.idp.rules: nobody could sign in"],
    [
      "a role that there is not",
      { rules: [{ group: "x", tenant: "acme", roles: ["king"] }] },
      "providers.idp.rules.0.roles.0",
    ],
    ["no role", { rules: [{ group: "x", tenant: "acme", roles: [] }] }, "expected at least one role"],
    [
      "a tenant that can be none",
      { rules: [{ group: "x", tenant: "a#b", roles: ["viewer"] }] },
      "providers.idp.rules.0.tenant",
    ],
    [
      "a rule of two kinds",
      { rules: [{ group: "x", subject: "y", tenant: "acme", roles: ["viewer"] }] },
      "exactly one of",
    ],
    [
      "a rule of no kind",
      { rules: [{ tenant: "acme", roles: ["viewer"] }] },
      "exactly one of subject, claim and group",
    ],
    [
      "a claim without a value",
      { rules: [{ claim: "hd", tenant: "acme", roles: ["viewer"] }] },
      "claim and value go together",
    ],
  ])("with %s is refused", (_, change, problem) => {
    expect(JSON.stringify(check(change))).toContain(problem);
  });

  it("has a name for each provider that can stand in a URL, and each client once", () => {
    expect(JSON.stringify(checkSignIn({ providers: { "Id P": provider } }))).toContain("expected a provider id");
    expect(checkSignIn({ providers: { "Id P": { ...provider, issuer: "x" } } })).toHaveLength(2);
    expect(
      JSON.stringify(checkSignIn(JSON.parse(`{"providers":{"__proto__":${JSON.stringify(provider)}}}`))),
    ).toContain("expected a provider id");
    expect(JSON.stringify(checkSignIn({ providers: {} }))).toContain("at least one provider");
    expect(checkSignIn({ providers: { a: provider, b: provider } })).toEqual([
      "providers.b: the same client stands there twice",
    ]);
  });

  it("says all that is wrong at once", () => {
    const problems = check({ issuer: "x", scopes: [], rules: [{}] }) as readonly string[];
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "providers.idp.issuer",
      "providers.idp.scopes",
      "providers.idp.rules.0.tenant",
      "providers.idp.rules.0.roles",
    ]);
  });
});
