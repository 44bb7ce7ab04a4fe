import { describe, expect, test } from "vitest";
import { ContextError, deploymentOf, contextFields } from "./context.ts";

const problemsOf = (given: Record<string, unknown>): string => {
  try {
    deploymentOf(given);
  } catch (error) {
    if (error instanceof ContextError) return error.message;
    throw error;
  }
  return "none";
};

describe("contexts of a deployment", () => {
  test("need nothing said: the cheapest one, in whatever account and Region the credentials are for", () => {
    expect(deploymentOf({ "@aws-cdk/core:flag": true, "aws:cdk:bundling-stacks": ["**"] })).toEqual({
      name: "trstctl",
      profile: "minimal",
      concurrency: "none",
      isolation: "pool",
      bridge: false,
      caKeys: [],
      defaultCaKeys: "sealed",
      importedCaKeys: [],
    });
  });

  test("come as text from the command line and as JSON from cdk.json", () => {
    const said = { bridge: true, caKeys: ["P-256", "P-256", "ML-DSA-65"] };
    expect(deploymentOf({ bridge: "true", caKeys: " P-256,P-256, ML-DSA-65 " })).toMatchObject(said);
    expect(deploymentOf(said)).toMatchObject(said);
    expect(deploymentOf({ caKeys: "" })).toMatchObject({ caKeys: [] });
  });

  test("that are wrong are all told at once, each with what is expected", () => {
    expect(problemsOf({ profile: "big", concurrency: "all", name: "Trstctl", brigde: "true" })).toBe(
      [
        "wrong contexts:",
        "  name: expected 1 to 22 of a-z, 0-9 and -, a letter first, no - last",
        "  profile: expected minimal, standard or regulated",
        "  concurrency: expected none, small or standard",
        `  brigde: no such context; there are ${Object.keys(contextFields).join(", ")}`,
      ].join("\n"),
    );
  });

  test.each([
    [{ isolation: "silo" }, "tenantId: isolation=silo is for one tenant: name it"],
    [{ tenantId: "acme" }, "tenantId: only with isolation=silo"],
    [{ isolation: "silo", tenantId: "acme#1" }, "tenantId: expected a tenant id: a-z, 0-9 and -"],
    [{ caAccount: "111122223333" }, "account: with caAccount the other account must be named too"],
    [{ caAccount: "111122223333" }, "region: with caAccount the Region must be named too"],
    [
      { caAccount: "111122223333", account: "111122223333", region: "eu-central-1" },
      "caAccount: is the same account as `account`: leave it out",
    ],
    [{ account: "1234" }, "account: expected the 12 digits of an AWS account"],
    [{ region: "Frankfurt" }, "region: expected an AWS Region such as eu-central-1"],
    [{ domain: "https://pki.example.com" }, "domain: expected a host name in lower case"],
    [{ bridge: "yes" }, "bridge: expected true or false"],
    [{ defaultCaKeys: "kms" }, "defaultCaKeys: kms needs keys: name them in caKeys"],
    [{ importedCaKeys: "ML-DSA-65" }, "importedCaKeys: KMS keys can be imported of: P-256,"],
    [{ caKeys: "P-256,SLH-DSA-SHA2-128s" }, "caKeys: KMS has keys of: P-256, P-384,"],
    [{ name: "a-very-long-name-of-a-deployment" }, "name: expected 1 to 22"],
  ])("%j", (given, problem) => {
    expect(problemsOf(given)).toContain(`  ${problem}`);
  });

  test("of a silo and of another account for the keys", () => {
    expect(deploymentOf({ isolation: "silo", tenantId: "acme-corp" })).toMatchObject({ tenantId: "acme-corp" });
    const apart = { account: "111122223333", caAccount: "444455556666", region: "us-gov-west-1" };
    expect(deploymentOf(apart)).toMatchObject(apart);
  });
});
