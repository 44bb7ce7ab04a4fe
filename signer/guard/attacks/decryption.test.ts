/** Decryption as an oracle (Bleichenbacher 1998, RFC 3218), and by keys that do not decrypt (I5). */
import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DecryptRequest } from "#shared/ports/signer";
import { openTarget, type Target } from "#test/signer/attack";
import { makeRa, type Ra, raSpec } from "#test/signer/ra";
import { type Chain, day, type Workshop } from "#test/signer/workshop";

let target: Target;
let chain: Chain;
let workshop: Workshop;
let ra: Ra;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
  ra = await makeRa(workshop, chain);
  await workshop.service.generateKey(raSpec("ra-2"));
});
afterAll(() => workshop[Symbol.asyncDispose]());

const contentKey = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const asked = (ciphertext: Uint8Array, over: Partial<DecryptRequest> = {}): DecryptRequest => ({
  tenant: "acme",
  handle: "ra",
  keyBytes: 32,
  ciphertext,
  ...over,
});
const decrypt = (ciphertext: Uint8Array, keyBytes = 32): Promise<Uint8Array> =>
  workshop.service.decrypt(asked(ciphertext, { keyBytes }));

/** The encoded message EM as it stands, of 256 octets (RFC 8017 7.2.1). */
const encryptedBlock = (block: Uint8Array): Uint8Array =>
  publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(ra.key.spki), format: "der", type: "spki" }),
      padding: constants.RSA_NO_PADDING,
    },
    block,
  );
/** 00 02, padding, 00, message. */
const block = (message: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(256, 0x5a);
  bytes.writeUInt16BE(0x0002);
  bytes[255 - message.length] = 0;
  bytes.set(message, 256 - message.length);
  return bytes;
};
const changed = (at: number, octet: number): Buffer => {
  const bytes = block(contentKey);
  bytes[at] = octet;
  return bytes;
};

describe("what is decrypted", () => {
  test("is the content-encryption key", async () => {
    expect(await decrypt(ra.encrypted(contentKey))).toEqual(contentKey);
    expect(await decrypt(encryptedBlock(block(contentKey)))).toEqual(contentKey);
    expect(await decrypt(ra.encrypted(contentKey.subarray(0, 24)), 24)).toEqual(contentKey.subarray(0, 24));
  });

  const wrong: readonly (readonly [what: string, ciphertext: () => Uint8Array])[] = [
    ["a block of a signature", () => encryptedBlock(changed(1, 0x01))],
    ["a block of type 0", () => encryptedBlock(changed(1, 0x00))],
    ["a first octet that is not 0", () => encryptedBlock(changed(0, 0x01))],
    ["padding of one octet", () => encryptedBlock(changed(3, 0x00))],
    ["padding of seven octets", () => encryptedBlock(changed(9, 0x00))],
    ["no end of the padding", () => encryptedBlock(Buffer.alloc(256, 0x5a).fill(0, 0, 1).fill(2, 1, 2))],
    ["nothing but zeros", () => new Uint8Array(256)],
    ["what is above the modulus", () => new Uint8Array(256).fill(0xff)],
    ["an empty key", () => ra.encrypted(new Uint8Array(0))],
    ["a key of 31 octets", () => ra.encrypted(contentKey.subarray(1))],
    ["a key of 33 octets", () => ra.encrypted(Uint8Array.of(0, ...contentKey))],
    ["a key of 16 octets", () => ra.encrypted(contentKey.subarray(16))],
    ["a key of 245 octets", () => ra.encrypted(new Uint8Array(245).fill(7))],
  ];
  test.each(wrong)(
    "is as long as a key where there is %s, the same each time, and refused by nobody",
    async (_, make) => {
      const ciphertext = make();
      const before = workshop.entries().length;
      const answers = [await decrypt(ciphertext), await decrypt(ciphertext)] as const;
      expect(answers[0]).toHaveLength(32);
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[0]).not.toEqual(contentKey);
      expect(answers[0].some((octet) => octet !== answers[0][0])).toBe(true);
      expect(workshop.entries()).toHaveLength(before);
    },
  );

  test("says nothing of the key in octets that are made up, and they outlive a restart", async () => {
    const ciphertexts = wrong.map(([, make]) => make());
    const made = await Promise.all(ciphertexts.map((one) => decrypt(one)));
    expect(new Set(made.map((one) => Buffer.from(one).toString("hex"))).size).toBe(wrong.length);
    await workshop.restart();
    expect(await Promise.all(ciphertexts.map((one) => decrypt(one)))).toEqual(made);
  });

  test("is journalled as totals", async () => {
    await workshop.service.flush();
    const before = workshop.entries().length;
    for (let i = 0; i < 3; i++) await decrypt(ra.encrypted(contentKey));
    await decrypt(new Uint8Array(256));
    await workshop.service.flush();
    expect(workshop.entries().slice(before)).toMatchObject([{ op: "batch", type: "decrypt", handle: "ra", count: 4 }]);
  });
});

describe("nothing is decrypted", () => {
  const attacks: readonly (readonly [what: string, over: Partial<DecryptRequest>, reason: RegExp])[] = [
    ["by a CA key", { handle: "ca" }, /is an issuing-ca key: it decrypts nothing/],
    ["by a root", { handle: "root" }, /decrypts nothing/],
    ["by an OCSP key", { handle: "ocsp" }, /decrypts nothing/],
    ["by a key that there is not", { handle: "ra-9" }, /has no key ra-9/],
    ["by another tenant", { tenant: "other" }, /tenant other has no key ra/],
    ["by a key without a certificate", { handle: "ra-2" }, /no RA certificate yet/],
    ["of another length", { ciphertext: new Uint8Array(255) }, /has 256 octets, not 255/],
    ["of no length", { ciphertext: new Uint8Array(0) }, /has 256 octets, not 0/],
    ["into 8 octets", { keyBytes: 8 }, /16, 24, 32 octets/],
    ["into whatever comes out", { keyBytes: 245 }, /16, 24, 32 octets/],
  ];
  const expectRefused = async (over: Partial<DecryptRequest>, reason: RegExp): Promise<void> => {
    await workshop.service.flush();
    const before = workshop.entries().length;
    const attempt = asked(ra.encrypted(contentKey), over);
    const said = expect.stringMatching(reason) as unknown;
    await expect(workshop.service.decrypt(attempt)).rejects.toMatchObject({ code: "guard_refused", message: said });
    const { tenant, handle } = attempt;
    expect(workshop.entries().slice(before)).toMatchObject([
      { op: "refuse", tenant, handle, type: "decrypt", reason: said },
    ]);
  };
  test.each(attacks)("%s", async (_, over, reason) => expectRefused(over, reason));

  test("when the certificate has ended", async () => {
    workshop.clock.advance(30 * day);
    await expectRefused({}, /has ended/);
  });
});

test("more than a key may decrypt in a second waits, and is counted", async () => {
  workshop.clock.advance(day);
  const now = await makeRa(workshop, chain, "ra-3");
  const attempt = asked(now.encrypted(contentKey), { handle: "ra-3" });
  for (let i = 0; i < 1_000; i++) await workshop.service.decrypt(attempt);
  await expect(workshop.service.decrypt(attempt)).rejects.toMatchObject({ code: "overloaded", retryAfter: 1 });
  await workshop.service.flush();
  expect(workshop.entries().at(-1)).toMatchObject({ op: "refuse", handle: "ra-3", count: 1 });
  workshop.clock.advance(1_000);
  expect(await workshop.service.decrypt(attempt)).toEqual(contentKey);
});
