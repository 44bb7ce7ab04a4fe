import { createPublicKey, verify } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { createKek, readKek } from "./kek.ts";
import { openKeyStore } from "./key-files.ts";

let root: string;
let directory: string;
let stores = 0;
const kek = new SecretBytes(randomBytes(32));
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "trstctl-keys-"));
});
beforeEach(() => {
  directory = join(root, `store-${++stores}`);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const spec = (over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: "ca",
  algorithm: "P-256",
  purpose: "issuing-ca",
  limits: { permittedDns: ["example.test"], maxLeafSeconds: 60, ratePerSecond: 5 },
  ...over,
});

const data = Buffer.from("to be signed");
const free = () => false;
/** A sealed key is found by its spec. */
const as = (own: KeySpec) => ({ spec: own, spki: new Uint8Array() });
const fileOf = ({ tenant, handle }: KeySpec): string => join(directory, tenant, `${handle}.json`);
const refusal = (reason: RegExp, code = "corrupt") => ({ code, message: expect.stringMatching(reason) as unknown });

describe("the sealed store", () => {
  test("a key opens again under its spec, and signs as before", async () => {
    for (const algorithm of ["P-256", "P-384", "Ed25519", "RSA-2048"] as const) {
      const own = spec({ algorithm, handle: algorithm.toLowerCase() });
      const { spki } = await openKeyStore(directory, kek).create(own, free);
      const signature = await openKeyStore(directory, kek).sign(as(own), data);
      const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
      const hash = { "P-256": "sha256", "P-384": "sha384", "RSA-2048": "sha256", Ed25519: null }[algorithm];
      expect(verify(hash, data, key, signature)).toBe(true);
    }
  });

  test.each([
    ["tenant", { tenant: "other" }],
    ["handle", { handle: "ca2" }],
    ["algorithm", { algorithm: "P-384" }],
    ["purpose", { purpose: "root-ca" }],
    ["longest leaf", { limits: { permittedDns: ["example.test"], maxLeafSeconds: 61, ratePerSecond: 5 } }],
    ["rate", { limits: { permittedDns: ["example.test"], maxLeafSeconds: 60, ratePerSecond: 6 } }],
    ["names", { limits: { permittedDns: ["example.test", "evil.test"], maxLeafSeconds: 60, ratePerSecond: 5 } }],
    ["no names", { limits: { maxLeafSeconds: 60, ratePerSecond: 5 } }],
    ["base URL", { limits: { ...spec().limits, revocationBaseUrl: "http://x.test" } }],
    ["issuer", { limits: { permittedDns: ["example.test"], maxLeafSeconds: 60, ratePerSecond: 5, issuerHandle: "x" } }],
  ] as [string, Partial<KeySpec>][])("with another %s the key does not open", async (_, over) => {
    const own = spec();
    await openKeyStore(directory, kek).create(own, free);
    const other = spec(over);
    const place = fileOf(other);
    if (place !== fileOf(own)) {
      await openKeyStore(directory, kek).create(other, free);
      copyFileSync(fileOf(own), place);
    }
    await expect(openKeyStore(directory, kek).sign(as(other), data)).rejects.toMatchObject(refusal(/./));
    await expect(openKeyStore(directory, kek).sign(as(own), data)).resolves.toBeDefined();
  });

  test("a spec that was changed in the file is seen", async () => {
    const own = spec();
    await openKeyStore(directory, kek).create(own, free);
    const file = JSON.parse(readFileSync(fileOf(own), "utf8")) as { spec: KeySpec };
    writeFileSync(fileOf(own), JSON.stringify({ ...file, spec: spec({ limits: {} }) }));
    await expect(openKeyStore(directory, kek).sign(as(own), data)).rejects.toMatchObject(refusal(/./));
  });

  test("whatever character of the file is changed, it opens as it was or not at all", { timeout: 60_000 }, async () => {
    const own = spec();
    const made = openKeyStore(directory, kek);
    const { spki } = await made.create(own, free);
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    const text = readFileSync(fileOf(own), "utf8");
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom("A", "0", "}", '"', " "), async (at, letter) => {
        writeFileSync(fileOf(own), text.slice(0, at) + letter + text.slice(at + 1));
        try {
          // The store looks at its files when it is opened, and at the one when it is used.
          const signature = await openKeyStore(directory, kek).sign(as(own), data);
          expect(verify("sha256", data, key, signature)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(corrupt|misconfigured)$/) as unknown });
        }
      }),
      { numRuns: 200 },
    );
  });

  test("under another key encryption key it is named as such", async () => {
    const own = spec();
    await openKeyStore(directory, kek).create(own, free);
    const other = new SecretBytes(randomBytes(32));
    const attempt = async () => await openKeyStore(directory, other).sign(as(own), data);
    await expect(attempt()).rejects.toMatchObject(refusal(/sealed under another key encryption key/, "misconfigured"));
  });

  test("a file that others can read, a link, and one that is gone", async () => {
    const own = spec();
    await openKeyStore(directory, kek).create(own, free);
    const path = fileOf(own);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o644);
    await expect(openKeyStore(directory, kek).sign(as(own), data)).rejects.toMatchObject(refusal(/0600/));
    chmodSync(path, 0o600);
    renameSync(path, `${path}.away`);
    symlinkSync(`${path}.away`, path);
    await expect(openKeyStore(directory, kek).sign(as(own), data)).rejects.toMatchObject(refusal(/regular file/));
    rmSync(path);
    await expect(openKeyStore(directory, kek).sign(as(own), data)).rejects.toMatchObject(refusal(/missing/));
  });

  test("no private key lies on the disk in the open, in any encoding", async () => {
    const seen: { pkcs8: Buffer }[] = [];
    const store = openKeyStore(directory, kek);
    for (const algorithm of ["P-256", "Ed25519", "RSA-2048", "ML-DSA-44", "SLH-DSA-SHA2-128f"] as const) {
      const own = spec({ algorithm, handle: algorithm.toLowerCase() });
      await store.create(own, free);
    }
    // PrivateKeyInfo begins SEQUENCE, INTEGER 0, AlgorithmIdentifier with the key's OID.
    const heads = [
      "020100301306072a8648ce3d020106082a8648ce3d030107", // P-256
      "020100300506032b657004220420", // Ed25519
      "020100300d06092a864886f70d0101010500", // RSA
      "0201010420", // ECPrivateKey
      "020100300b060960864801650304031104228020", // ML-DSA-44, its seed
      "020100300b06096086480165030403150440", // SLH-DSA-SHA2-128f
    ].map((hex) => Buffer.from(hex, "hex"));
    const texts = ["PRIVATE KEY", "MIGHAgEAMBMGByqGSM49", "MC4CAQAwBQYDK2Vw", "MIIEv", '"d":', "AgEAMBMGByqGSM49"];
    for (const path of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!path.isFile()) continue;
      const bytes = readFileSync(join(path.parentPath, path.name));
      const file = JSON.parse(bytes.toString("utf8")) as Record<string, string>;
      const hidden = ["dataKey", "privateKey"].map((name) => Buffer.from(file[name] ?? "", "base64"));
      for (const where of [bytes, ...hidden]) {
        for (const head of heads) expect(where.includes(head)).toBe(false);
        for (const text of texts) expect(where.includes(text)).toBe(false);
      }
      expect(hidden.every(({ length }) => length > 28)).toBe(true);
    }
    expect(seen).toEqual([]);
  });

  test("a key that is there is given back, never written over; for another spec it is a conflict", async () => {
    const own = spec();
    const first = await openKeyStore(directory, kek).create(own, free);
    const before = readFileSync(fileOf(own));
    const store = openKeyStore(directory, kek);
    expect(await store.create(own, free)).toEqual(first);
    await expect(store.create(spec({ limits: {} }), free)).rejects.toMatchObject(
      refusal(/made for something else/, "conflict"),
    );
    await expect(store.create(spec({ purpose: "root-ca" }), free)).rejects.toMatchObject(refusal(/./, "conflict"));
    // Another base URL: it stays the first one's.
    const limits = { ...own.limits, revocationBaseUrl: "http://b.test" };
    expect(await store.create(spec({ limits }), free)).toEqual(first);
    expect(readFileSync(fileOf(own)).equals(before)).toBe(true);
    copyFileSync(fileOf(own), fileOf(spec({ handle: "copy" })));
    await expect(store.create(spec({ handle: "copy" }), free)).rejects.toMatchObject(refusal(/./, "conflict"));
    writeFileSync(fileOf(own), "{");
    await expect(store.create(own, free)).rejects.toMatchObject(refusal(/./));
    expect(readFileSync(fileOf(own), "utf8")).toBe("{");
  });

  test("a half-written file beside a key is no key", async () => {
    const own = spec();
    await openKeyStore(directory, kek).create(own, free);
    writeFileSync(`${fileOf(own)}.new`, "{", { mode: 0o600 });
    await expect(openKeyStore(directory, kek).sign(as(own), data)).resolves.toBeDefined();
  });
});

describe("the key encryption key", () => {
  const place = (): string => join(directory, "config", "kek");

  test("is made once, for its owner alone, and read back", () => {
    createKek(place());
    expect(statSync(place()).mode & 0o777).toBe(0o600);
    expect(readKek(place()).reveal()).toEqual(new Uint8Array(readFileSync(place())));
    expect(readFileSync(place())).toHaveLength(32);
    expect(() => createKek(place())).toThrow(/already/);
  });

  test("missing, a link, readable by others, of another length, a directory: each is refused with the way out", () => {
    expect(() => readKek(place())).toThrow(/does not exist; restore it/);
    createKek(place());
    symlinkSync(place(), `${place()}-link`);
    expect(() => readKek(`${place()}-link`)).toThrow(/not a regular file/);
    expect(() => readKek(join(place(), ".."))).toThrow(/not a regular file/);
    for (const mode of [0o640, 0o604, 0o644, 0o666]) {
      chmodSync(place(), mode);
      expect(() => readKek(place())).toThrow(/can be read by others; chmod 600/);
    }
    chmodSync(place(), 0o600);
    for (const length of [0, 31, 33, 64]) {
      writeFileSync(place(), randomBytes(length));
      expect(() => readKek(place())).toThrow(new RegExp(`has ${length} bytes instead of 32`));
    }
  });
});
