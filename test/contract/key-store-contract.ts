/** What every store of keys must do, whatever holds them: sealed files, wrapped items, KMS, a token. */
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { base64 } from "#shared/kernel/bytes";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import type { KeyBackend } from "#shared/kernel/key-backend";
import { canSign, describeSpki } from "#shared/pki/key";
import type { KeySpec } from "#shared/ports/signer";
import { keyAlgorithms } from "#signer/keys/algorithms";
import type { KeyStore, StoredKey } from "#signer/keys/key-store";
import { paddingOf, signatureAlgorithms } from "#shared/crypto/signature";

/** What both KMS and a token make: all of ours that a quantum computer breaks. */
export const classical = [
  "P-256",
  "P-384",
  "P-521",
  "RSA-2048",
  "RSA-3072",
  "RSA-4096",
  "RSA-PSS-2048",
  "RSA-PSS-3072",
  "RSA-PSS-4096",
  "Ed25519",
] as const satisfies readonly SignerKeyAlgorithm[];

export interface KeyStoreUnderTest {
  readonly backend: KeyBackend;
  readonly algorithms: readonly SignerKeyAlgorithm[];
  /** Of algorithms whose messages are limited, octets. */
  readonly longest?: Readonly<Partial<Record<SignerKeyAlgorithm, number>>>;
  /** On the same keys each time: a new one is another process. */
  open(): Promise<KeyStore>;
}

const free = () => false;

let made = 0;

const spec = (backend: KeyBackend, algorithm: SignerKeyAlgorithm, over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: `key-${++made}`,
  algorithm,
  purpose: "root-ca",
  limits: { revocationBaseUrl: "http://r.example.test" },
  ...(backend !== "sealed" && { backend }),
  ...over,
});

/** As the service does it: ready, then in the same turn able, then signed. */
async function signWith(store: KeyStore, key: StoredKey, data: Uint8Array): Promise<Uint8Array> {
  for (let loading = store.load(key); loading !== undefined; loading = store.load(key)) await loading;
  store.open(key);
  return store.sign(key, data);
}

/** By OpenSSL, told the algorithm and the padding, and nothing of who made it. */
function expectSigned({ spec: { algorithm }, spki }: StoredKey, data: Uint8Array, signature: Uint8Array): void {
  const row = signatureAlgorithms[keyAlgorithms[algorithm].signatureAlgorithm];
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  expect(verify(row.hash, data, { key, ...paddingOf(row) }, signature), algorithm).toBe(true);
}

export function holdKeyStore(name: string, { backend, algorithms, longest = {}, open }: KeyStoreUnderTest): void {
  const [first] = algorithms as readonly [SignerKeyAlgorithm];

  describe(`${name}: a key store`, () => {
    test.each(algorithms)(
      "%s: makes a key that signs whatever its length, and so does another process",
      async (algorithm) => {
        const store = await open();
        const key = await store.create(spec(backend, algorithm), free);
        const info = describeSpki(key.spki);
        expect(canSign(info, keyAlgorithms[algorithm].signatureAlgorithm), "the public key is of the algorithm").toBe(
          true,
        );
        const most = longest[algorithm] ?? 300_000;
        for (const length of [1, 900, 4095, 4096, 4097, most].filter((octets) => octets <= most)) {
          const data = randomBytes(length);
          expectSigned(key, data, await signWith(store, key, data));
          expectSigned(key, data, await signWith(await open(), key, data));
        }
      },
    );

    test.each(Object.entries(longest) as [SignerKeyAlgorithm, number][])(
      "%s: what is longer than %i octets is refused, and says what to use instead",
      async (algorithm, most) => {
        const store = await open();
        const key = await store.create(spec(backend, algorithm), free);
        await expect(signWith(store, key, randomBytes(most + 1))).rejects.toMatchObject({
          code: "too_large",
          message: expect.stringMatching(/P-256/) as unknown,
        });
        const data = randomBytes(10);
        expectSigned(key, data, await signWith(store, key, data));
      },
    );

    test("a key is ready once it was loaded, and then nobody waits", async () => {
      const key = await (await open()).create(spec(backend, first), free);
      const store = await open();
      expect(store.load(key), "another process must load it").toBeInstanceOf(Promise);
      await store.load(key);
      expect(store.load(key)).toBeUndefined();
      expect(() => store.open(key)).not.toThrow();
    });

    test("what is not loaded is not open", async () => {
      const key = await (await open()).create(spec(backend, first), free);
      const store = await open();
      expect(() => store.open(key)).toThrow(/not loaded/);
    });

    test("the same handle again gives the same key, for something else it is a conflict", async () => {
      const store = await open();
      const own = spec(backend, first);
      const key = await store.create(own, free);
      expect(base64((await store.create(own, free)).spki)).toBe(base64(key.spki));
      await expect(store.create({ ...own, limits: { ...own.limits, maxLeafSeconds: 60 } }, free)).rejects.toMatchObject(
        {
          code: "conflict",
        },
      );
    });

    test("asked at once for one handle, it makes one key", async () => {
      const store = await open();
      const own = spec(backend, first);
      const keys = await Promise.all([own, own, own].map((one) => store.create(one, free)));
      expect(new Set(keys.map(({ spki }) => base64(spki))).size).toBe(1);
    });

    test("no two handles share a key, of two tenants neither, asked at once", async () => {
      const store = await open();
      const handle = `shared-${++made}`;
      const wanted = [
        spec(backend, first, { handle }),
        spec(backend, first, { handle, tenant: "other" }),
        spec(backend, first),
      ];
      const keys = await Promise.all(wanted.map((one) => store.create(one, free)));
      expect(new Set(keys.map(({ spki }) => base64(spki))).size).toBe(3);
      for (const key of keys) {
        const data = randomBytes(64);
        expectSigned(key, data, await signWith(store, key, data));
      }
    });

    test("many signatures at once are each of what they were asked for", async () => {
      const store = await open();
      const key = await store.create(spec(backend, first), free);
      await store.load(key);
      const inputs = Array.from({ length: 24 }, () => randomBytes(200));
      const signatures = await Promise.all(inputs.map((data) => store.sign(key, data)));
      for (const [at, data] of inputs.entries()) expectSigned(key, data, signatures[at] ?? new Uint8Array());
    });

    test("a key that was never made does not load, and does not sign", async () => {
      const key = await (await open()).create(spec(backend, first), free);
      const store = await open();
      const never = { ...key, spec: { ...key.spec, handle: "never-made" }, spki: key.spki.map((octet) => octet ^ 1) };
      await expect(Promise.resolve(store.load(never))).rejects.toMatchObject({ name: "Failure" });
      await expect(store.sign(never, randomBytes(10))).rejects.toMatchObject({ name: "Failure" });
    });
  });
}
