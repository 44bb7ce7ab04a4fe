/** A flood of refusals: every one is counted, and the journal stays small. */
import { expect, test } from "vitest";
import { sha256 } from "#shared/crypto/hash";
import { openWorkshop, request, spec, type Workshop } from "#test/signer/workshop";

const attempt = (workshop: Workshop, tenant: string, handle: string) =>
  workshop.service.sign(request("certificate", handle, sha256("x"), { tenant, opId: "x".repeat(300) })).then(
    () => expect.unreachable(),
    () => undefined,
  );

const refusals = (workshop: Workshop) => workshop.entries().filter(({ op }) => op === "refuse");
const counted = (workshop: Workshop): number => refusals(workshop).reduce((sum, { count = 1 }) => sum + count, 0);

test("of names that nobody has 200 a minute are written, whatever they are; the rest is one total", async () => {
  await using own = await openWorkshop();
  for (let n = 0; n < 1_000; n++) await attempt(own, `tenant-${n}`, `handle-${n}`);
  expect(refusals(own)).toHaveLength(200);
  await own.service.flush();
  expect(refusals(own).slice(200)).toMatchObject([{ tenant: "-", handle: "-", count: 800 }]);
  expect(counted(own)).toBe(1_000);
  await own.service.flush();
  expect(counted(own)).toBe(1_000);
  own.clock.advance(60_000);
  await attempt(own, "acme", "nobody");
  expect(refusals(own).at(-1)).toMatchObject({ tenant: "acme", handle: "nobody" });
  expect(refusals(own).every((record) => JSON.stringify(record).length < 1_000)).toBe(true);
});

test("each key has 200 of its own, all together 1,000; the totals say whose they are", async () => {
  await using own = await openWorkshop();
  const handles = Array.from({ length: 6 }, (_, n) => `ca-${n}`);
  for (const handle of handles) await own.service.generateKey(spec({ handle, purpose: "issuing-ca" }));
  for (const handle of handles) for (let n = 0; n < 210; n++) await attempt(own, "acme", handle);
  expect(refusals(own)).toHaveLength(1_000);
  await own.service.flush();
  expect(refusals(own).slice(1_000)).toMatchObject(
    handles.map((handle) => ({ tenant: "acme", handle, count: handle === "ca-5" ? 210 : 10 })),
  );
  expect(counted(own)).toBe(6 * 210);
  await expect(own.restart()).resolves.toBeDefined();
});

test("more keys than anybody needs are not made, and that is journalled", async () => {
  await using own = await openWorkshop();
  const make = (n: number) => own.service.generateKey(spec({ handle: `ca-${n}`, purpose: "issuing-ca" }));
  await Promise.all(Array.from({ length: 200 }, (_, n) => make(n)));
  await expect(make(200)).rejects.toMatchObject({ code: "overloaded", retryAfter: 60 });
  expect(refusals(own)).toMatchObject([{ tenant: "acme", handle: "ca-200", type: "key" }]);
  await expect(make(7)).resolves.toBeDefined(); // it is there already
  own.clock.advance(60_000);
  await expect(make(200)).resolves.toBeDefined();
});
