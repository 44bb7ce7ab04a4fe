/** One operation, one signature; the ceiling; the journal through the front door (DESIGN §2a, I5). */
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256, sha256Hex } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { sameBytes } from "#shared/kernel/bytes";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { commonName, nameDer } from "#shared/pki/name";
import type { Signed } from "#shared/ports/signer";
import { openTarget, type Target } from "#test/signer/attack";
import {
  caExtensions,
  type Chain,
  expectRefused,
  leafExtensions,
  makeChain,
  openWorkshop,
  request,
  crlUrlOf,
  revocationBaseUrl,
  spec,
  type Workshop,
} from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
});
afterAll(() => workshop[Symbol.asyncDispose]());

const sameSigned = (a: Signed, b: Signed | undefined): boolean =>
  b !== undefined && sameBytes(a.tbs, b.tbs) && sameBytes(a.signature, b.signature);

describe("what is right is signed, and the signature verifies under the key", () => {
  test.each([
    { what: "a leaf", type: "certificate", handle: "ca", tbs: () => chain.leafTbs() },
    { what: "a leaf of the CA for any name", type: "certificate", handle: "open", tbs: () => chain.openLeafTbs() },
    {
      what: "a CRL",
      type: "crl",
      handle: "ca",
      tbs: () => chain.crlTbs({ distributionPointUrl: crlUrlOf(chain.ca.spki, 1) }),
    },
    { what: "an OCSP response", type: "ocsp", handle: "ocsp", tbs: () => chain.ocspTbs() },
  ] as const)("$what", async ({ type, handle, tbs }) => {
    const bytes = tbs();
    const signed = await workshop.service.sign(request(type, handle, bytes));
    expect(signed.tbs).toEqual(bytes);
    const { signature } = signed;
    const spki = target.spkiOf(handle);
    expect(await verifySignature({ algorithm: "ecdsa-with-SHA256", spki, data: bytes, signature })).toBe(true);
  });
});

describe("one operation, one signature", () => {
  const signs = (opId: string): number =>
    workshop.entries().filter((one) => one.op === "sign" && one.opId === opId).length;

  test("fifty at once get one and the same, with one record", async () => {
    const opId = "rush-1";
    const requestHash = sha256Hex("the request");
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash })),
      ),
    );
    expect(new Set(answers.map(({ tbs, signature }) => `${sha256Hex(tbs)} ${sha256Hex(signature)}`)).size).toBe(1);
    expect(signs(opId)).toBe(1);
    await workshop.restart();
    const [first] = answers;
    const again = await workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash }));
    expect(sameSigned(again, first)).toBe(true);
    expect(parseTbsCertificate(again.tbs).serialHex).toBe(
      parseTbsCertificate(first?.tbs ?? new Uint8Array()).serialHex,
    );
    expect(signs(opId)).toBe(1);
    for (const other of [sha256Hex("another request"), ""]) {
      await expectRefused(workshop, request("certificate", "ca", chain.leafTbs(), { opId, requestHash: other }), {
        reason: /already signed for another request/,
      });
    }
  });

  test("the same opId of another tenant is another operation", async () => {
    const opId = "shared-name";
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" }));
    await expectRefused(
      workshop,
      request("certificate", "root", chain.leafTbs(), { opId, requestHash: "bb", tenant: "other" }),
      {
        reason: /./,
      },
    );
  });

  test("the same opId with another key gives back what was signed, never a second signature", async () => {
    const opId = "other-key";
    const first = await workshop.service.sign(
      request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" }),
    );
    const other = request("certificate", "open", chain.openLeafTbs(), { opId, requestHash: "aa" });
    expect(sameSigned(await workshop.service.sign(other), first)).toBe(true);
    expect(signs(opId)).toBe(1);
  });

  test("a refused operation may be tried again with right bytes", async () => {
    const opId = "second-try";
    await expectRefused(workshop, request("certificate", "ca", sha256("x"), { opId, requestHash: "aa" }), {
      reason: /./,
      code: "malformed",
    });
    await expect(
      workshop.service.sign(request("certificate", "ca", chain.leafTbs(), { opId, requestHash: "aa" })),
    ).resolves.toBeDefined();
  });
});

describe("the ceiling of a key", () => {
  test("above its rate nothing is signed until the next second; other keys go on", async () => {
    await workshop.service.generateKey(
      spec({ handle: "slow", purpose: "issuing-ca", limits: { ratePerSecond: 3, revocationBaseUrl } }),
    );
    const slow = target.spkiOf("slow");
    const slowName = nameDer(commonName("Slow CA"));
    await workshop.service.sign(
      request(
        "certificate",
        "root",
        chain.openTbs({ spki: slow, subjectNameDer: slowName, extensions: caExtensions(chain.root.spki, slow, 0) }),
      ),
    );
    const leaf = () =>
      request(
        "certificate",
        "slow",
        chain.openLeafTbs({ issuerNameDer: slowName, extensions: leafExtensions(slow, chain.leafSpki) }),
      );
    for (let n = 0; n < 3; n++) await workshop.service.sign(leaf());
    const refused = leaf();
    const before = workshop.entries().length;
    for (let n = 0; n < 5; n++)
      await expect(workshop.service.sign(refused)).rejects.toMatchObject({
        code: "overloaded",
        retryAfter: 1,
        message: expect.stringMatching(/3 signatures a second/) as unknown,
      });
    expect(workshop.entries()).toHaveLength(before);
    await workshop.service.flush();
    const shed = workshop
      .entries()
      .filter(({ op, handle, count }) => op === "refuse" && handle === "slow" && count === 5);
    expect(shed).toHaveLength(1);
    await workshop.service.sign(request("certificate", "ca", chain.leafTbs()));
    workshop.clock.advance(1000);
    await expect(workshop.service.sign(refused)).resolves.toBeDefined();
    workshop.clock.advance(-1000);
  });
});

describe("a key that cannot be opened", () => {
  test("fails the calls that need it and nothing else, also where nobody asks a second time", async () => {
    await using own = await openWorkshop();
    const made = await makeChain(own);
    await own.restart();
    chmodSync(join(own.directory, "keys", "acme", "ca.json"), 0o644);
    rmSync(join(own.directory, "keys", "acme", "ocsp.json"));
    const leaf = request("certificate", "ca", made.leafTbs());
    await expect(own.service.sign(leaf)).rejects.toMatchObject({ code: "corrupt" });
    await expect(own.service.sign(request("ocsp", "ocsp", made.ocspTbs()))).rejects.toMatchObject({ code: "corrupt" });
    await expect(own.service.sign(request("certificate", "open", made.openLeafTbs()))).resolves.toBeDefined();
    chmodSync(join(own.directory, "keys", "acme", "ca.json"), 0o600);
    await expect(own.service.sign(leaf)).resolves.toBeDefined();
    // A promise that nobody waits for would end the process here.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

test("every refusal and every signature of this file is in the journal of the tenant, page by page", async () => {
  const records = [];
  for (let after = 0; ; ) {
    const page = await workshop.service.journal("acme", after, 7);
    records.push(...page);
    if (page.length < 7) break;
    after = page.at(-1)?.n ?? 0;
  }
  const own = workshop
    .entries()
    .map((entry, at) => ({ entry, n: at + 1 }))
    .filter(({ entry }) => entry.tenant === "acme");
  expect(records.map(({ n }) => n)).toEqual(own.map(({ n }) => n));
  expect(records.every((record) => record.tenant === "acme" && !("spec" in record))).toBe(true);
});
