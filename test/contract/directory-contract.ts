import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isFailure } from "#shared/kernel/failure";
import { type Directory, type DirectoryKind, directoryKinds } from "#shared/ports/directory";
import { type ManualClock, manualClock, randomId } from "./fixtures.ts";

export type MakeDirectory = (clock: ManualClock) => Promise<{ readonly directory: Directory; remove(): Promise<void> }>;

const conflict = async (work: Promise<unknown>): Promise<void> => {
  const error: unknown = await work.then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  expect(isFailure(error, "conflict"), String(error)).toBe(true);
};

/** @param makeDirectory gives an empty one */
export function directoryContract(name: string, makeDirectory: MakeDirectory): void {
  describe(`Directory on ${name}`, () => {
    const clock = manualClock();
    let made: Awaited<ReturnType<MakeDirectory>> | undefined;
    const directory = (): Directory => {
      if (made === undefined) throw new Error("the directory did not start");
      return made.directory;
    };
    const resolves = async (kind: DirectoryKind, value: string, expected: unknown): Promise<void> => {
      await vi.waitFor(async () => {
        expect(await directory().resolve(kind, value)).toEqual(expected);
      });
    };
    beforeAll(async () => {
      made = await makeDirectory(clock);
    });
    afterAll(async () => {
      await made?.remove();
    });

    test("lists tenants in ascending order, page by page, each once", async () => {
      expect(await directory().tenants()).toEqual([]);
      const ids = Array.from({ length: 230 }, (_, n) => `t${n}-${"x".repeat(n % 3)}y`);
      for (let n = 0; n < ids.length; n += 10) {
        const some = ids.slice(n, n + 10);
        await Promise.all(
          some.map(async (id) => await directory().reserve("tenant", `name-of-${id}`, { tenant: id, id })),
        );
      }
      await directory().reserve("tenant", "second-name", { tenant: "t7-xy", id: "t7-xy" });
      await directory().reserve("endpoint", "no-tenant", { tenant: "zz", id: "e" });
      const sorted = ids.toSorted();
      await vi.waitFor(async () => {
        const first = await directory().tenants();
        const second = await directory().tenants(first.at(-1));
        const third = await directory().tenants(second.at(-1));
        expect([first.length, second.length, third.length]).toEqual([100, 100, 30]);
        expect([...first, ...second, ...third]).toEqual(sorted);
      });
      expect(await directory().tenants(sorted.at(-1))).toEqual([]);
      await directory().release("tenant", "name-of-t0-y", "t0-y");
      await vi.waitFor(async () => {
        expect((await directory().tenants())[0]).toBe(sorted[1]);
      });
    });

    test("a name is given once, and again only to the same thing", async () => {
      const value = randomId();
      const entry = { tenant: "acme", id: "endpoint-1" };
      await directory().reserve("endpoint", value, entry);
      const reservedAt = clock.now();
      await resolves("endpoint", value, { ...entry, reservedAt });
      await conflict(directory().reserve("endpoint", value, { tenant: "acme", id: "endpoint-2" }));
      await conflict(directory().reserve("endpoint", value, { tenant: "evil", id: "endpoint-1" }));
      await resolves("endpoint", value, { ...entry, reservedAt });
      clock.advance(5000);
      await directory().reserve("endpoint", value, entry);
      await resolves("endpoint", value, { ...entry, reservedAt: reservedAt + 5000 });
    });

    test("kinds and values do not run into each other", async () => {
      const value = randomId();
      for (const kind of directoryKinds) await directory().reserve(kind, value, { tenant: "acme", id: kind });
      for (const kind of directoryKinds)
        await resolves(kind, value, { tenant: "acme", id: kind, reservedAt: clock.now() });
      for (const other of [`${value}#`, `#${value}`, ` ${value}`, value.toUpperCase().concat("X"), `${value}\0`]) {
        expect(await directory().resolve("endpoint", other)).toBeUndefined();
      }
      const odd = `a#b/c é🙂 ${value}`;
      await directory().reserve("token", odd, { tenant: "acme", id: "odd" });
      await resolves("token", odd, { tenant: "acme", id: "odd", reservedAt: clock.now() });
    });

    test("releases for the owner only", async () => {
      const value = randomId();
      await directory().release("issuer", value, "acme");
      await directory().reserve("issuer", value, { tenant: "acme", id: "i" });
      await conflict(directory().release("issuer", value, "evil"));
      await conflict(directory().release("issuer", value, "acm"));
      await resolves("issuer", value, { tenant: "acme", id: "i", reservedAt: clock.now() });
      await directory().release("issuer", value, "acme");
      await resolves("issuer", value, undefined);
      await directory().reserve("issuer", value, { tenant: "evil", id: "i" });
    });

    test("a release may be for one reservation only", async () => {
      const value = randomId();
      await directory().reserve("endpoint", value, { tenant: "acme", id: "e" });
      const first = { reservedAt: clock.now() };
      clock.advance(1000);
      await directory().reserve("endpoint", value, { tenant: "acme", id: "e" });
      await conflict(directory().release("endpoint", value, "acme", first));
      await conflict(directory().release("endpoint", value, "evil", { reservedAt: clock.now() }));
      await resolves("endpoint", value, { tenant: "acme", id: "e", reservedAt: clock.now() });
      await directory().release("endpoint", value, "acme", { reservedAt: clock.now() });
      await resolves("endpoint", value, undefined);
    });

    test("lists a tenant's endpoints in ascending order, page by page, and nothing else", async () => {
      const tenant = `t-${randomId()}`;
      const reservedAt = clock.now();
      const values = Array.from({ length: 120 }, (_, n) => `${n % 2 === 0 ? "@" : "e"}${tenant}-${n}`);
      await Promise.all(values.map((value) => directory().reserve("endpoint", value, { tenant, id: `of ${value}` })));
      await directory().reserve("endpoint", `${tenant}-other`, { tenant: `${tenant}x`, id: "e" });
      await directory().reserve("token", `${tenant}-token`, { tenant, id: "e" });
      await directory().release("endpoint", values[5] ?? "", tenant);
      const left = values.toSpliced(5, 1).toSorted();
      await vi.waitFor(async () => {
        const first = await directory().endpoints(tenant);
        expect(first).toEqual(left.slice(0, 100).map((value) => ({ value, tenant, id: `of ${value}`, reservedAt })));
        expect((await directory().endpoints(tenant, first.at(-1)?.value)).map(({ value }) => value)).toEqual(
          left.slice(100),
        );
      });
      expect(await directory().endpoints(tenant, left.at(-1))).toEqual([]);
      expect(await directory().endpoints("nobody")).toEqual([]);
    });

    test("of many that race for a name one gets it", async () => {
      const value = randomId();
      const racers = Array.from({ length: 12 }, (_, n) => `tenant-${n}`);
      const outcomes = await Promise.allSettled(
        racers.map(async (tenant) => await directory().reserve("endpoint", value, { tenant, id: "e" })),
      );
      const winners = racers.filter((_, n) => outcomes[n]?.status === "fulfilled");
      expect(winners).toHaveLength(1);
      await resolves("endpoint", value, { tenant: winners[0], id: "e", reservedAt: clock.now() });
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(isFailure(outcome.reason, "conflict")).toBe(true);
      }
    });

    test("refuses what is no kind, no name, no tenant", async () => {
      const entry = { tenant: "acme", id: "i" };
      for (const value of ["", "x".repeat(513), "lone \ud800"]) {
        await expect(directory().reserve("endpoint", value, entry)).rejects.toThrow(TypeError);
        await expect(directory().resolve("endpoint", value)).rejects.toThrow(TypeError);
        await expect(directory().release("endpoint", value, "acme")).rejects.toThrow(TypeError);
      }
      await expect(directory().resolve("person" as DirectoryKind, "x")).rejects.toThrow(TypeError);
      await expect(directory().reserve("endpoint", "x", { tenant: "a#b", id: "i" })).rejects.toThrow(TypeError);
      await expect(directory().reserve("endpoint", "x", { tenant: "acme", id: "" })).rejects.toThrow(TypeError);
    });
  });
}
