/** CAA (RFC 8659) and its binding to account and method (RFC 8657). */
import { describe, expect, it, vi } from "vitest";
import { Failure } from "#shared/kernel/failure";
import type { CaaRecord, Resolver } from "#shared/ports/resolver";
import { type CaaQuestion, checkCaa } from "./check-caa.ts";

const account = "https://ca.test/acme/default/account/1";

/** @param zone by name: records as in a zone file, or a failure */
function ask(zone: Readonly<Record<string, readonly string[] | "SERVFAIL">>, question: Partial<CaaQuestion> = {}) {
  const asked: string[] = [];
  const resolver: Resolver = {
    addresses: () => Promise.reject(new Error("not asked")),
    txt: () => Promise.reject(new Error("not asked")),
    caa(name) {
      asked.push(name);
      const found = zone[name] ?? [];
      if (found === "SERVFAIL") return Promise.reject(new Failure("unavailable", `${name}: SERVFAIL`));
      const records = found.map((text): CaaRecord => {
        const [, flags, tag = "", value = ""] = /^(\d+) (\S+) ?(.*)$/.exec(text) ?? [];
        return { critical: Number(flags) >= 128, tag, value };
      });
      return Promise.resolve({ records, exists: name in zone });
    },
  };
  const validation = { ports: { http: 80, tls: 443 }, caaIdentities: ["ca.test", "ca2.test"] };
  const whole = { name: "www.a.test", wildcard: false, accountUri: account, method: "http-01", ...question };
  return checkCaa({ resolver, validation }, whole).then((verdict) => ({ ...verdict, asked }));
}

const lets = async (records: readonly string[], question?: Partial<CaaQuestion>): Promise<boolean> =>
  (await ask({ "a.test": records }, question)).allowed;

describe("climbing the tree (RFC 8659 3)", () => {
  it("asks up to the top, not the root; without records everybody may issue", async () => {
    expect(await ask({})).toEqual({ allowed: true, by: undefined, asked: ["www.a.test", "a.test", "test"] });
  });

  it("the first set counts, whatever is above", async () => {
    const zone = { "www.a.test": ["0 issue ca.test"], "a.test": ["0 issue other.test"] };
    expect(await ask(zone)).toMatchObject({ allowed: true, by: "www.a.test", asked: ["www.a.test"] });
    expect(await ask({ "www.a.test": ["0 issue other.test"], "a.test": ["0 issue ca.test"] })).toMatchObject({
      allowed: false,
      problem: "caa",
    });
    expect(await ask({ test: ["0 issue ;"] })).toMatchObject({ allowed: false, problem: "caa" });
  });

  it("a look-up that fails anywhere on the way stops the issuance", async () => {
    for (const zone of [{ "www.a.test": "SERVFAIL" }, { "a.test": "SERVFAIL", test: ["0 issue ca.test"] }] as const)
      expect(await ask(zone)).toMatchObject({ allowed: false, problem: "dns", transient: true });
    expect(await ask({ "www.a.test": ["0 issue ca.test"], "a.test": "SERVFAIL" })).toMatchObject({ allowed: true });
  });
});

it("a name of many labels whose answers are slow holds nobody for long", async () => {
  const now = vi.spyOn(performance, "now");
  let ms = 0;
  now.mockImplementation(() => (ms += 5_000));
  try {
    const name = Array.from({ length: 100 }, () => "a").join(".");
    const verdict = await ask({}, { name });
    expect(verdict).toMatchObject({ allowed: false, problem: "dns", transient: true });
    expect(verdict.asked.length).toBeLessThan(6);
  } finally {
    now.mockRestore();
  }
});

describe("issue and issuewild (RFC 8659 4.2, 4.3)", () => {
  it.each<[string, readonly string[], boolean, boolean]>([
    ["us", ["0 issue ca.test"], true, true],
    ["us, by another of our names", ["0 issue CA2.test"], true, true],
    ["us among others", ["0 issue other.test", "0 issue ca.test"], true, true],
    ["another", ["0 issue other.test"], false, false],
    ["nobody", ["0 issue ;"], false, false],
    ["nobody, with nothing", ["0 issue"], false, false],
    ["nobody, and us: both count", ["0 issue ;", "0 issue ca.test"], true, true],
    ["us for wildcards alone, nobody else", ["0 issue ;", "0 issuewild ca.test"], false, true],
    ["us but for wildcards", ["0 issue ca.test", "0 issuewild ;"], true, false],
    ["wildcards to another; plain names to all", ["0 issuewild other.test"], true, false],
    ["whom to tell, no more", ["0 iodef mailto:a@b.test"], true, true],
    ["whom to tell, critically", ["128 iodef mailto:a@b.test"], true, true],
    ["us, critically", ["128 issue ca.test"], true, true],
    ["a property that nobody knows", ["0 tbs x"], true, true],
    ["a critical property that nobody knows", ["128 tbs x", "0 issue ca.test"], false, false],
    ["e-mail certificates to nobody", ["0 issuemail ;"], true, true],
    ["a name above ours", ["0 issue test"], false, false],
    ["a name below ours", ["0 issue x.ca.test"], false, false],
  ])("%s", async (_what, records, plain, wildcard) => {
    expect(await lets(records)).toBe(plain);
    expect(await lets(records, { wildcard: true })).toBe(wildcard);
  });

  it.each([
    "ca.test ca.test",
    "ca.test,other.test",
    "ca.test;a",
    "ca.test;=b",
    "ca.test; a=b c",
    "ca.test;;",
    "ca_test",
    "-ca.test",
    "ca.test.",
    "https://ca.test",
    "%%%",
  ])("%j does not follow the grammar, and so lets nobody issue", async (value) => {
    expect(await lets([`0 issue ${value}`])).toBe(false);
  });

  it.each(["  ca.test  ", "ca.test;", "ca.test ; ", "\tca.test\t;\t"])("%j is us", async (value) => {
    expect(await lets([`0 issue ${value}`])).toBe(true);
  });
});

describe("accounturi and validationmethods (RFC 8657)", () => {
  it.each<[string, boolean]>([
    [`accounturi=${account}`, true],
    [`AccountURI=${account}`, true],
    [`accounturi=${account}0`, false],
    [`accounturi=${account.slice(0, -1)}`, false],
    ["accounturi=", false],
    [`accounturi=${account}; accounturi=${account}`, false],
    ["validationmethods=http-01", true],
    ["validationmethods=dns-01,http-01", true],
    ["validationmethods=dns-01", false],
    ["validationmethods=", false],
    ["validationmethods=http-01,", false],
    ["validationmethods=http-01, dns-01", false],
    ["validationmethods=HTTP-01", false],
    ["validationmethods=http-01;validationmethods=http-01", false],
    [`validationmethods=http-01 ; accounturi = ${account}`, true],
    [`validationmethods=dns-01; accounturi=${account}`, false],
    ["policy=ev", false],
  ])("%s", async (parameters, allowed) => {
    expect(await lets([`0 issue ca.test; ${parameters}`])).toBe(allowed);
  });

  it("one property that fits is enough", async () => {
    expect(await lets(["0 issue ca.test; validationmethods=dns-01", `0 issue ca.test; accounturi=${account}`])).toBe(
      true,
    );
  });
});

it("the refusal names the record, the name and us", async () => {
  expect(await ask({ "a.test": ["0 issue other.test"] }, { wildcard: true })).toMatchObject({
    detail:
      'the CAA records of a.test forbid to issue for *.www.a.test: issue "other.test" names other.test (we are ca.test, ca2.test)',
  });
});
