/** Keys whose data keys KMS wraps: what opens them, what does not, and what is said while KMS refuses. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { randomBytes } from "#shared/crypto/random";
import type { SharedItem } from "#shared/ports/items";
import type { KeySpec } from "#shared/ports/signer";
import { memoryItems, type MemoryItems } from "#test/signer/items";
import { type KmsEndpoint, openKmsEndpoint } from "#test/signer/kms-endpoint";
import { openSecret } from "../table/secret.ts";
import { itemStorage } from "./key-items.ts";
import type { StoredKey } from "./key-store.ts";
import { kmsWrapping, wrappingClient } from "./kms-wrapping.ts";
import { sealedKeyStore } from "./sealed.ts";

let kms: KmsEndpoint;
let items: MemoryItems;
let now = 0;
beforeEach(async () => {
  kms = await openKmsEndpoint();
  items = memoryItems();
  now = 1_000_000;
});
afterEach(() => kms[Symbol.asyncDispose]());

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const wrapping = (keyId = kms.keyId) =>
  kmsWrapping({
    client: wrappingClient({ endpoint: kms.url, region: "eu-central-1", credentials, maxAttempts: 1 }),
    keyId,
  });
const store = (keyId?: string) =>
  sealedKeyStore({
    storage: itemStorage(items),
    wrapping: wrapping(keyId),
    rejection: randomBytes(32),
    open: { clock: { now: () => now }, forMs: 300_000 },
  });
const spec = (over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: "ca",
  algorithm: "P-256",
  purpose: "issuing-ca",
  limits: {},
  ...over,
});
const data = Buffer.from("to be signed");
const free = () => false;
const refusal = (code: string, reason: RegExp) => ({ code, message: expect.stringMatching(reason) as unknown });

describe("a wrapped key", () => {
  test("opens in another process, and signs; KMS is told tenant and purpose, and asked once for many signatures", async () => {
    const made = await store().create(spec(), free);
    const other = store();
    for (let at = 0; at < 5; at++) {
      const signature = await other.sign(made, data);
      const by = { algorithm: "ecdsa-with-SHA256", spki: made.spki, data, signature } as const;
      expect(await verifySignature(by)).toBe(true);
    }
    const context = { tenant: "acme", purpose: "issuing-ca" };
    expect(kms.log).toEqual([
      { operation: "Encrypt", context },
      { operation: "Decrypt", context },
    ]);
  });

  test("does not open for another tenant, purpose or limit: where KMS would not see it, the seal does", async () => {
    const made = await store().create(spec(), free);
    const [item] = items.all() as [SharedItem];
    for (const over of [
      { tenant: "other" },
      { purpose: "root-ca" },
      { limits: { permittedDns: ["example.test"] } },
      { handle: "ca2" },
    ] as const) {
      const text = Buffer.from(item.body).toString("utf8");
      const moved = spec(over);
      const body = Buffer.from(text.replace(JSON.stringify(made.spec), JSON.stringify(moved)));
      expect(body.equals(item.body)).toBe(false);
      const place = { pk: `T#${moved.tenant}#S`, sk: moved.handle };
      const { rev } = (await items.get(place)) ?? { rev: 0 };
      expect(await items.put({ ...place, rev: rev + 1, body }, rev === 0 ? "absent" : { rev })).toBe(true);
      await expect(store().sign({ ...made, spec: moved }, data)).rejects.toMatchObject({ code: "corrupt" });
    }
  });

  test("no private key and no data key stands in the table in the open", async () => {
    await store().create(spec({ algorithm: "Ed25519" }), free);
    const text = items
      .all()
      .map(({ body }) => Buffer.from(body).toString("latin1"))
      .join("\n");
    const { dataKey, privateKey } = JSON.parse(text) as { dataKey: string; privateKey: string };
    for (const sealed of [dataKey, privateKey].map((part) => Buffer.from(part, "base64"))) {
      expect(sealed.length).toBeGreaterThan(56);
      expect(sealed.includes(Buffer.from("020100300506032b657004220420", "hex"))).toBe(false);
    }
  });

  test("under another wrapping key is named as such", async () => {
    const made = await store().create(spec(), free);
    const other = kms.keyId.replace(/1$/, "2");
    await expect(store(other).sign(made, data)).rejects.toMatchObject(
      refusal("misconfigured", /was wrapped by another key/),
    );
  });
});

describe.each([
  ["DisabledException", "unavailable", /is disabled: no key of the signer opens; enable it/],
  ["KMSInvalidStateException", "unavailable", /pending deletion/],
  ["KeyUnavailableException", "unavailable", /is not available in KMS/],
  ["AccessDeniedException", "unavailable", /may not be used by the signer's role/],
  ["NotFoundException", "unavailable", /not in this account and Region/],
  ["ThrottlingException", "unavailable", /more often than KMS allows/],
  ["LimitExceededException", "unavailable", /more often than KMS allows/],
  ["IncorrectKeyException", "misconfigured", /was not wrapped by/],
  ["InvalidCiphertextException", "corrupt", /was changed since/],
  ["SomethingNew", "unavailable", /cannot be reached/],
])("while KMS says %s", (exception, code, reason) => {
  let made: StoredKey;
  beforeEach(async () => {
    made = await store().create(spec(), free);
    kms.refuse(exception);
  });

  test("a key does not open, it is said why, and it opens when that is over", async () => {
    const cold = store();
    await expect(cold.load(made)).rejects.toMatchObject(refusal(code, reason));
    expect(() => cold.open(made)).toThrow(/not loaded/);
    await expect(cold.create(spec({ handle: "new" }), free)).rejects.toMatchObject({ code });
    await expect(openSecret(items, wrapping())).rejects.toMatchObject({ code });
    kms.refuse(undefined);
    await expect(cold.sign(made, data)).resolves.toBeDefined();
    await expect(openSecret(items, wrapping())).resolves.toBeDefined();
  });

  test("an open key signs until it must be opened again, and no longer", async () => {
    kms.refuse(undefined);
    const warm = store();
    await warm.load(made);
    kms.refuse(exception);
    expect(warm.load(made)).toBeUndefined();
    now += 300_000;
    await expect(warm.load(made)).rejects.toMatchObject({ code });
  });
});

test("an open key decrypts and signs no longer than that either, though nobody made it ready before", async () => {
  const warm = store();
  const ra = await warm.create(spec({ handle: "ra", algorithm: "RSA-2048", purpose: "ra" }), free);
  const wrong = new Uint8Array(256).fill(1);
  expect(await warm.decrypt(ra, wrong, 16)).toHaveLength(16);
  kms.refuse("DisabledException");
  expect(await warm.decrypt(ra, wrong, 16)).toHaveLength(16);
  now += 300_000;
  await expect(warm.decrypt(ra, wrong, 16)).rejects.toMatchObject({ code: "unavailable" });
  await expect(warm.sign(ra, data)).rejects.toMatchObject({ code: "unavailable" });
});

test("the secret of all processes is one, whoever is first", async () => {
  const opened = await Promise.all([1, 2, 3].map(() => openSecret(items, wrapping())));
  expect(new Set(opened.map(({ memory }) => Buffer.from(memory).toString("hex"))).size).toBe(1);
  expect(opened[0]?.memory).not.toEqual(opened[0]?.rejection);
});
