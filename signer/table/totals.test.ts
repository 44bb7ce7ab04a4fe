/** What several processes count, and who closes it. */
import { beforeEach, describe, expect, test } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { counted, type Fleet, openFleet, recording } from "#test/signer/fleet";
import { memoryItems, type MemoryItems } from "#test/signer/items";
import { type Chain, makeChain, request, start } from "#test/signer/workshop";
import type { Entry } from "../journal-entry.ts";
import type { SignerService } from "../service.ts";

let now = start;
let table: MemoryItems;
let entries: () => Entry[];
let fleet: Fleet;
let first: SignerService;
let chain: Chain;
const clock = { now: () => now };

beforeEach(async () => {
  now = start;
  ({ items: table, entries } = recording(memoryItems()));
  fleet = openFleet({ clock, items: table });
  first = fleet.start();
  chain = await makeChain({ service: first, clock });
});

const leaf = () => request("certificate", "ca", chain.leafTbs());
const refusal = (reason: RegExp) => ({ code: "guard_refused", message: expect.stringMatching(reason) as unknown });

test("reading a tenant's journal takes one page and no more, and closes what others left open now and then", async () => {
  await first.remember();
  await first.sign(request("ocsp", "ocsp", chain.ocspTbs()));
  now += 61_000;
  const seen = counted(table);
  const reader = fleet.start({ items: seen.items });
  await reader.journal("acme", 0, 1000); // closed behind it
  expect((await reader.journal("acme", 0, 1000)).at(-1)).toMatchObject({ op: "batch", count: 1 });
  const other = fleet.start({ items: seen.items });
  await other.journal("quiet", 0, 1000);
  seen.asked.length = 0;
  for (let at = 0; at < 3; at++) await other.journal("quiet", 0, 1000);
  expect(seen.asked).toEqual(Array.from({ length: 3 }, () => "after T#quiet#J"));
});

describe("totals", () => {
  test("of a process that is gone are closed by the next one, once, with all that it counted", async () => {
    const gone = fleet.start();
    for (let at = 0; at < 7; at++) await gone.sign(request("ocsp", "ocsp", chain.ocspTbs()));
    now += 61_000;
    const batches = () => entries().filter(({ op }) => op === "batch");
    await Promise.all([fleet.start(), fleet.start()].map((one) => one.sign(leaf())));
    expect(batches()).toMatchObject([{ type: "ocsp", handle: "ocsp", count: 7 }]);
    // It was frozen, not gone: it counts into another one from now on.
    await gone.sign(request("ocsp", "ocsp", chain.ocspTbs()));
    await gone.flush();
    expect(batches().map(({ count }) => count)).toEqual([7, 1]);
    expect(table.all().filter(({ pk }) => pk.endsWith("#B"))).toEqual([]);
  });

  test("that somebody began to close and left are closed once by the next one", async () => {
    for (const step of [1, 2, 3, 4]) {
      await first.sign(request("ocsp", "ocsp", chain.ocspTbs()));
      let left = step;
      const dying = fleet.start({
        items: {
          ...table,
          put: (item, condition) =>
            --left === 0 ? Promise.reject(new Failure("unavailable", "killed")) : table.put(item, condition),
          delete: (key, condition) =>
            --left === 0 ? Promise.reject(new Failure("unavailable", "killed")) : table.delete(key, condition),
        },
      });
      now += 61_000;
      await dying.journal("acme", 0, 1);
      now += 61_000;
      await fleet.start().journal("acme", 0, 1);
    }
    const counts = entries().flatMap(({ op, count }) => (op === "batch" ? [count] : []));
    expect(counts).toEqual([1, 1, 1, 1]);
  });

  test("of refusals: so many in full, the rest counted; names that are nobody's begin no journal", async () => {
    const second = fleet.start();
    const attempts = Array.from({ length: 260 }, (_, at) => request("certificate", "ca", Uint8Array.of(0x30, at & 1)));
    for (const one of attempts) await second.sign(one).catch(() => undefined);
    for (const tenant of ["made-up", "made-up-2"])
      await expect(second.sign({ ...leaf(), tenant })).rejects.toMatchObject(refusal(/has no key/));
    await second.flush();
    const refusals = entries().filter(({ op, tenant }) => op === "refuse" && tenant === "acme");
    expect(refusals.filter(({ count }) => count === undefined)).toHaveLength(200);
    expect(refusals.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(60);
    expect(table.all().filter(({ pk }) => pk.includes("made-up"))).toEqual([]);
    expect(entries().filter(({ tenant }) => tenant.startsWith("made-up"))).toHaveLength(2);
  });
});
