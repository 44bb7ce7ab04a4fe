/** Keys of others, keys that are certified for nothing, and keys that are not made at all (I1, I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256Hex } from "#shared/crypto/hash";
import { keyIdentifier } from "#shared/pki/key";
import { hold, openTarget, type Target } from "#test/signer/attack";
import { type Chain, spec, type Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe("keys", () => {
  hold(
    () => target,
    [
      { what: "another tenant's handle", handle: "theirs", tbs: () => chain.leafTbs(), reason: /has no key theirs/ },
      {
        what: "in another tenant's name",
        handle: "ca",
        over: { tenant: "other" },
        tbs: () => chain.leafTbs(),
        reason: /has no key ca/,
      },
      { what: "a handle that climbs", handle: "../other/theirs", tbs: () => chain.leafTbs(), reason: /has no key/ },
      {
        what: "a tenant that climbs",
        handle: "ca",
        over: { tenant: "x/../acme" },
        tbs: () => chain.leafTbs(),
        reason: /has no key/,
      },
      {
        what: "a CA key without a certificate",
        handle: "bare",
        tbs: () => chain.leafTbs(),
        reason: /no CA certificate yet/,
      },
      {
        what: "a CRL of a CA key without one",
        type: "crl",
        handle: "bare",
        tbs: () => chain.crlTbs(),
        reason: /no CA certificate yet/,
      },
      {
        what: "an answer of a responder whose CA has none",
        type: "ocsp",
        handle: "ocsp3",
        tbs: async () => {
          await workshop.service.generateKey(
            spec({ handle: "ocsp3", purpose: "ocsp", limits: { issuerHandle: "bare" } }),
          );
          return chain.ocspTbs({ responderKeyHash: keyIdentifier(target.spkiOf("ocsp3")) });
        },
        reason: /has no certificate yet/,
      },
    ],
  );

  test.each([
    { what: "an OCSP key that answers for nobody", over: { purpose: "ocsp" }, reason: /names the CA key/ },
    { what: "a CA key that answers for one", over: { limits: { issuerHandle: "ca" } }, reason: /names the CA key/ },
    {
      what: "an OCSP key for another tenant's CA",
      over: { purpose: "ocsp", limits: { issuerHandle: "theirs" } },
      reason: /has no CA key/,
    },
    { what: "a handle that climbs", over: { handle: "../x" }, reason: /a handle is/ },
    { what: "a tenant that climbs", over: { tenant: ".." }, reason: /tenant id is malformed/ },
    { what: "an algorithm that is not served", over: { algorithm: "P-224" }, reason: /not served/ },
    { what: "an algorithm of the prototype", over: { algorithm: "constructor" }, reason: /not served/ },
    { what: "a purpose that is not served", over: { purpose: "generic" }, reason: /not served/ },
  ])("no key is made for $what", async ({ over, reason }) => {
    const wanted = { ...spec({ handle: "fresh" }), ...over } as ReturnType<typeof spec>;
    await expect(workshop.service.generateKey(wanted)).rejects.toMatchObject({
      code: "guard_refused",
      message: expect.stringMatching(reason) as unknown,
    });
  });

  test("making a key again gives the same one; with another spec it is a conflict", async () => {
    const made = await workshop.service.generateKey(spec({ handle: "twice", purpose: "issuing-ca" }));
    expect(await workshop.service.generateKey(spec({ handle: "twice", purpose: "issuing-ca" }))).toEqual(made);
    for (const other of [
      spec({ handle: "twice" }),
      spec({ handle: "twice", purpose: "issuing-ca", limits: { maxLeafSeconds: 1 } }),
      spec({ handle: "twice", purpose: "issuing-ca", algorithm: "P-384" }),
    ])
      await expect(workshop.service.generateKey(other)).rejects.toMatchObject({ code: "conflict" });
  });

  test("twenty at once make one key; a different spec among them loses", async () => {
    const wanted = spec({ handle: "rush", purpose: "issuing-ca" });
    const made = await Promise.all(Array.from({ length: 20 }, () => workshop.service.generateKey(wanted)));
    expect(new Set(made.map(({ spki }) => sha256Hex(spki))).size).toBe(1);
    expect(workshop.entries().filter(({ op, handle }) => op === "generate" && handle === "rush")).toHaveLength(1);
    const racing = await Promise.allSettled([
      workshop.service.generateKey(spec({ handle: "race", purpose: "issuing-ca" })),
      workshop.service.generateKey(spec({ handle: "race" })),
    ]);
    expect(racing.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});
