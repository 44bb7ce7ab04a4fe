import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DomainEvent } from "#shared/domain/events";
import { type LocalStore, localStore } from "#test/log/local-log";
import { expectRebuildable } from "#test/log/sound";
import { projections } from "./registry.ts";
import { catchUp } from "./runner.ts";

let store: LocalStore;
beforeAll(() => {
  store = localStore();
});
afterAll(() => store.close());

test("names are unique", () => {
  expect(new Set(projections.map(({ name }) => name)).size).toBe(projections.length);
});

const day = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const issued = (issuer: string, serial: string, not_after: string): DomainEvent => ({
  type: "certificate.issued",
  data: {
    issuer,
    serial,
    subject: "CN=x",
    sans: [],
    key_algorithm: "P-256",
    fingerprint: serial,
    not_before: "2040-01-01T00:00:00.000Z",
    not_after,
    shard: 0,
    tbs_sha256: serial,
    der: "",
    profile: "default@1",
    protocol: "api",
  },
});

test("what a read model says does not depend on the order in which it met the lanes", { timeout: 60_000 }, async () => {
  let tenants = 0;
  const steps = fc.array(
    fc.record({
      issuer: fc.constantFrom("zeta", "alpha", "mu", "10", "9"),
      serial: fc.integer({ min: 0x10, max: 0xff }).map((n) => n.toString(16)),
      follow: fc.boolean(),
      /** Days since the beginning, and until it ends: some weeks are dropped while others come. */
      at: fc.integer({ min: 0, max: 90 }),
      lives: fc.integer({ min: 1, max: 60 }),
      revoke: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (certificates) => {
      const tenant = `t${++tenants}`;
      const log = store.process(8);
      for (const { issuer, serial, follow, at: days, lives, revoke } of certificates) {
        const at = store.clock.now() + days * day;
        const not_after = iso(at + lives * day);
        const stream = await log.load(tenant, "certificate", `${issuer}-${serial}`);
        if (stream.rev > 0) continue;
        await log.commit({
          tenant,
          actor: { subject: "tester", roles: [] },
          at,
          stream,
          event: issued(issuer, serial, not_after),
        });
        if (revoke)
          await log.commit({
            tenant,
            actor: { subject: "tester", roles: [] },
            at: at + day,
            stream: await log.load(tenant, "certificate", `${issuer}-${serial}`),
            event: { type: "certificate.revoked", data: { issuer, serial, shard: 0, reason: "superseded", not_after } },
          });
        if (follow)
          for (const projection of projections) await catchUp({ log, tables: store.tables }, tenant, projection);
      }
      await expectRebuildable({ log, tables: store.tables, rows: store.rows(tenant) }, tenant);
    }),
    { numRuns: 40 },
  );
});
