/** The list of certificates as a person asks it: by name, by when they end, by what they are; page by page, each once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProjections } from "#functions/projections/app";
import { listCertificates } from "#functions/api/list-certificates";
import { certificateOperations } from "#shared/contracts/api/certificates";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { adminCall, newCsr, type House, openHouse } from "./house.ts";

const names = [
  ["app.example.test"],
  ["api.example.test", "app.example.test"],
  ["example.test"],
  ["app.example.test.evil.org"],
  ["notexample.test"],
  ["*.wild.example.test"],
  ["appliance"],
];
let house: House;

beforeAll(async () => {
  house = await openHouse(["acme", "beta"]);
  for (const [at, dns] of names.entries())
    await issueCertificate(house.deps, adminCall("acme"), {
      csr: newCsr(...dns),
      protocol: "api",
      validitySeconds: 86_400 * (names.length - at),
    });
  await issueCertificate(house.deps, adminCall("beta"), { csr: newCsr("app.example.test"), protocol: "api" });
  const follow = createProjections(house.deps);
  for (const tenant of ["acme", "beta"]) await follow(tenant);
});
afterAll(async () => house[Symbol.asyncDispose]());

type Item = {
  readonly id: string;
  readonly sans: readonly string[];
  readonly not_after: string;
  readonly kind: string;
  readonly serial: string;
};

/** Every page to the end. */
async function all(asked: object, limit = 2, tenant = "acme"): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const query = certificateOperations.list.query.parse({ limit, ...(cursor !== undefined && { cursor }), ...asked });
    const served = { deps: house.deps, call: adminCall(tenant), params: undefined, query, body: undefined };
    const { body } = (await listCertificates(served)) as { body: { items: Item[]; next_cursor: string | null } };
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  return items;
}

const first = ({ sans }: Item) => sans[0]?.replace("dns:", "");

describe("by name", () => {
  it.each<[string, string[]]>([
    ["example.test", ["*.wild.example.test", "api.example.test", "app.example.test", "example.test"]],
    ["EXAMPLE.test", ["*.wild.example.test", "api.example.test", "app.example.test", "example.test"]],
    ["app.example.test", ["api.example.test", "app.example.test", "app.example.test.evil.org"]],
    ["app", ["api.example.test", "app.example.test", "app.example.test.evil.org", "appliance"]],
    ["appliance", ["appliance"]],
    ["notexample.test", ["notexample.test"]],
    ["nobody.example", []],
  ])("%s finds %j", async (q, expected) => {
    for (const limit of [1, 2, 3, 100])
      expect((await all({ q }, limit)).map((item) => String(first(item))).sort()).toEqual(expected);
  });

  it("never shows another tenant's", async () => {
    expect(await all({ q: "app.example.test" }, 100, "beta")).toHaveLength(1);
  });

  it("with what they are: only those", async () => {
    expect(await all({ q: "app.example.test", status: "revoked" })).toEqual([]);
    const [ca] = await all({ q: "acme" });
    expect(ca?.kind).toBe("ca");
  });
});

describe("by what names one exactly", () => {
  const colons = (hex: string) => hex.match(/../g)?.join(":") ?? "";
  it.each<[string, (item: Item) => string]>([
    ["its id", ({ id }) => id],
    ["its serial number", ({ serial }) => serial],
    ["that with colons", ({ serial }) => colons(serial).toUpperCase()],
    ["that in decimal", ({ serial }) => BigInt(`0x${serial}`).toString()],
    ["that as openssl prints it", ({ serial }) => `serial=${serial.toUpperCase()}`],
  ])("%s", async (_, q) => {
    const everyone = await all({});
    for (const item of everyone)
      for (const limit of [1, 100]) expect((await all({ q: q(item) }, limit)).map(({ id }) => id)).toEqual([item.id]);
    expect(await all({ q: q(everyone[0] as Item) }, 2, "beta")).toEqual([]);
  });

  it("and one that begins a name so comes after it, once", async () => {
    const [item] = await all({ q: "appliance" });
    const serial = item?.serial ?? "";
    await issueCertificate(house.deps, adminCall("acme"), { csr: newCsr(`${serial}.example.org`), protocol: "api" });
    await createProjections(house.deps)("acme");
    const found = await all({ q: serial }, 1);
    expect(found.map((one) => first(one))).toEqual(["appliance", `${serial}.example.org`]);
  });

  it("reads its place and nothing else", async () => {
    const [item] = await all({ q: "appliance" });
    const reads: string[] = [];
    const log: typeof house.deps.log = {
      ...house.deps.log,
      load: (...asked) => (reads.push(asked[1]), house.deps.log.load(...asked)),
      list: (...asked) => (reads.push(`${asked[1]} list`), house.deps.log.list(...asked)),
    };
    const ask = async (q: string) => {
      reads.length = 0;
      const query = certificateOperations.list.query.parse({ q });
      const deps = { ...house.deps, log };
      await listCertificates({ deps, call: adminCall("acme"), params: undefined, query, body: undefined });
      return reads;
    };
    expect(await ask(item?.id ?? "")).toEqual(["certificate"]);
    // One for each issuer, here the root and the issuing CA.
    expect(await ask(colons(item?.serial ?? ""))).toEqual(["issuer list", "certificate", "certificate"]);
  });
});

describe("by when they end", () => {
  it("in both directions, and between two moments", async () => {
    const up = await all({});
    expect(up).toHaveLength(names.length + 3); // root, issuing CA, and the one named like a serial number
    expect(up.map(({ not_after }) => not_after)).toEqual(up.map(({ not_after }) => not_after).sort());
    expect((await all({ sort: "-expires" })).map(({ id }) => id)).toEqual(up.map(({ id }) => id).toReversed());
    const [from, to] = [up[2]?.not_after ?? "", up[4]?.not_after ?? ""];
    const between = { expiring_after: from, expiring_before: to };
    expect((await all(between)).map(({ id }) => id)).toEqual(up.slice(2, 5).map(({ id }) => id));
  });

  it("a cursor of one order is refused by the other", async () => {
    const query = certificateOperations.list.query.parse({ limit: 1 });
    const served = { deps: house.deps, call: adminCall("acme"), params: undefined, query, body: undefined };
    const { body } = (await listCertificates(served)) as { body: { next_cursor: string } };
    await expect(all({ sort: "-expires", cursor: body.next_cursor })).rejects.toThrow("cursor");
  });
});
