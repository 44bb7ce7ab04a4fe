import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base64, utf8 } from "#shared/kernel/bytes";
import type { KeySpec } from "#shared/ports/signer";
import { claimsInMemory, type KeyClaims } from "./key-claims.ts";
import { type ClaimItems, claimsInItems } from "./key-claims-shared.ts";

const spec = (handle: string, tenant = "acme"): KeySpec => ({
  tenant,
  handle,
  algorithm: "P-256",
  purpose: "issuing-ca",
  limits: {},
  backend: "kms",
});
const key = (name: string) => utf8(`public key ${name}`);

/** Items whose every step another process may get in between. */
function itemsOf(schedule: (label: string) => Promise<void>) {
  const held = new Map<string, { rev: number; body: Uint8Array }>();
  const items: ClaimItems = {
    async get({ pk, sk }) {
      await schedule("get");
      return held.get(`${pk}/${sk}`);
    },
    async put({ pk, sk, rev, body }) {
      await schedule("put");
      if (held.has(`${pk}/${sk}`)) return false;
      held.set(`${pk}/${sk}`, { rev, body });
      return true;
    },
  };
  return items;
}

describe.each([
  ["in memory", () => claimsInMemory()],
  ["in shared items", () => claimsInItems(itemsOf(async () => undefined))],
])("claims %s", (_, open) => {
  test("a key is one handle's, a handle has one key", async () => {
    const claims = open();
    expect(await claims.of(spec("a"))).toBeUndefined();
    expect(await claims.claim({ spec: spec("a"), spki: key("1") })).toBe(true);
    expect(await claims.of(spec("a"))).toEqual({ spec: spec("a"), spki: key("1") });
    expect(await claims.claim({ spec: spec("b"), spki: key("1") }), "the key is a's").toBe(false);
    expect(await claims.claim({ spec: spec("a", "other"), spki: key("1") }), "of another tenant").toBe(false);
    expect(await claims.claim({ spec: spec("a"), spki: key("2") }), "a has one").toBe(false);
    expect(await claims.claim({ spec: spec("b"), spki: key("2") }), "which is still free").toBe(true);
  });
});

/** As the store does it: the first of the pool that it can have. */
async function take(claims: KeyClaims, own: KeySpec, pool: readonly string[]): Promise<string | undefined> {
  for (const name of pool) {
    const existing = await claims.of(own);
    if (existing !== undefined) return base64(existing.spki);
    if (await claims.claim({ spec: own, spki: key(name) })) return base64(key(name));
  }
  const existing = await claims.of(own);
  return existing && base64(existing.spki);
}

const five = ["1", "2", "3", "4", "5"];

test.each([
  ["in one order, none is claimed in vain", fc.constant(five), true],
  ["in whatever order", fc.shuffledSubarray(five, { minLength: 5 }), false],
])("whatever gets in between, no two handles share a key, and a handle has one: %s", async (_, pools, noneInVain) => {
  const process = fc.record({ handle: fc.constantFrom("a", "b", "c"), pool: pools });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(process, { minLength: 2, maxLength: 6 }),
      async (scheduler, processes) => {
        const items = itemsOf((label) => scheduler.schedule(Promise.resolve(), label));
        const work = processes.map(({ handle, pool }) => take(claimsInItems(items), spec(handle), pool));
        const got = await scheduler.waitFor(Promise.all(work));
        const owners = new Map<string, string>();
        const keys = new Map<string, string>();
        processes.forEach(({ handle }, at) => {
          const found = got[at];
          if (noneInVain) expect(found, "five keys are enough for three").toBeDefined();
          if (found === undefined) return;
          expect(owners.get(found) ?? handle, "a key is one handle's").toBe(handle);
          expect(keys.get(handle) ?? found, "a handle has one key").toBe(found);
          owners.set(found, handle);
          keys.set(handle, found);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test("a claim that was changed is no claim", async () => {
  const items = itemsOf(async () => undefined);
  await items.put({ pk: "C#H#acme", sk: "a", rev: 1, body: utf8("{}") }, "absent");
  await expect(claimsInItems(items).of(spec("a"))).rejects.toMatchObject({ code: "corrupt" });
});
