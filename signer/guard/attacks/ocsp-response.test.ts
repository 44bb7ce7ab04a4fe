/** OCSP responses for others, or for longer than they may speak (RFC 6960; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyIdentifier } from "#shared/pki/key";
import { certIdFor } from "#shared/pki/ocsp";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { type Chain, day, leafSerial, names, request, start, type Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("OCSP", () => {
  const single = (issuer: Uint8Array, spki: Uint8Array, change: object = {}) => ({
    certId: certIdFor(issuer, spki, leafSerial, "sha1"),
    status: { type: "good" as const },
    thisUpdateMs: start,
    nextUpdateMs: start + 600_000,
    ...change,
  });
  const attacks: Omit<Attack, "handle" | "type">[] = [
    {
      what: "for a foreign issuer",
      tbs: () => chain.ocspTbs({ responses: [single(names.open, chain.open.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "for a foreign issuer beside its own",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki), single(names.open, chain.open.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "for a foreign name with its own key",
      tbs: () => chain.ocspTbs({ responses: [single(names.open, chain.ca.spki)] }),
      reason: /foreign issuer/,
    },
    {
      what: "with another responder id",
      tbs: () => chain.ocspTbs({ responderKeyHash: keyIdentifier(chain.ca.spki) }),
      reason: /responder id/,
    },
    {
      what: "produced over an hour ago",
      tbs: () => chain.ocspTbs({ producedAtMs: start - 3_601_000 }),
      reason: /producedAt is not now/,
    },
    {
      what: "produced in an hour's time",
      tbs: () => chain.ocspTbs({ producedAtMs: start + 3_601_000 }),
      reason: /producedAt is not now/,
    },
    {
      what: "good for a year",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki, { nextUpdateMs: start + 365 * day })] }),
      reason: /times are outside/,
    },
    {
      what: "good from tomorrow",
      tbs: () =>
        chain.ocspTbs({
          responses: [single(names.ca, chain.ca.spki, { thisUpdateMs: start + day, nextUpdateMs: start + 2 * day })],
        }),
      reason: /times are outside/,
    },
    {
      what: "over before it begins",
      tbs: () => chain.ocspTbs({ responses: [single(names.ca, chain.ca.spki, { nextUpdateMs: start - 1000 })] }),
      reason: /times are outside/,
    },
  ];
  hold(
    () => target,
    attacks.map((attack) => ({ ...attack, type: "ocsp", handle: "ocsp" })),
  );

  test("answers are journalled as totals, with a digest over all of them", async () => {
    const before = workshop.entries().length;
    for (let n = 0; n < 7; n++) await workshop.service.sign(request("ocsp", "ocsp", chain.ocspTbs(), { opId: "-" }));
    await workshop.service.flush();
    const written = workshop.entries().slice(before);
    expect(written.every(({ op }) => op === "batch")).toBe(true);
    expect(written.reduce((sum, { count = 0 }) => sum + count, 0)).toBeGreaterThanOrEqual(7);
    await workshop.service.flush();
    expect(workshop.entries()).toHaveLength(before + written.length);
  });
});
