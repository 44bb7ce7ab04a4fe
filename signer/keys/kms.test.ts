/** What goes wrong at KMS: each ends in a failure that names the key and the way out, and no wrong signature leaves. */
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { base64 } from "#shared/kernel/bytes";
import { problemResponse } from "#shared/http/problem";
import type { KeySpec } from "#shared/ports/signer";
import { clientOf, provision, startPool } from "#test/kms/pool";
import { claimsInMemory } from "./key-claims.ts";
import type { StoredKey } from "./key-store.ts";
import { type KmsKeyStore, openKmsKeys, type PoolKey } from "./kms.ts";

const { server, client, ...home } = await startPool({ algorithms: ["P-256"] });
afterAll(() => home[Symbol.asyncDispose]());

const free = () => false;
const data = randomBytes(500);
const spec = (over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: "ca",
  algorithm: "P-256",
  purpose: "issuing-ca",
  limits: {},
  backend: "kms",
  ...over,
});
const said = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) as unknown });
const openOn = (pool: readonly PoolKey[], over: Parameters<typeof clientOf>[1] = {}): KmsKeyStore =>
  openKmsKeys({ client: clientOf(server.endpoint, over), pool, claims: claimsInMemory() });

/** A key of its own for each test, and its store. */
let pool: PoolKey[];
let keyId: string;
let store: KmsKeyStore;
let key: StoredKey;
beforeEach(async () => {
  server.faults = [];
  server.expired.clear();
  pool = (await provision(client, { algorithms: ["P-256"] })).slice(0, 1);
  keyId = pool[0]?.keyId ?? "";
  store = openOn(pool);
  key = await store.create(spec(), free);
});

const signs = () => store.sign(key, data);
const countOf = (operation: string): number => server.asked.filter((one) => one.operation === operation).length;

test("what is shown to whoever asked names no key, account or Region; the operator's log does", async () => {
  expect(keyId).toMatch(/^arn:aws:kms:/);
  const id = keyId.slice(keyId.lastIndexOf("/") + 1);
  await client.send(new DisableKeyCommand({ KeyId: keyId }));
  const disabled = await signs().catch((error: unknown) => error);
  const away = await openOn([{ ...(pool[0] as PoolKey) }], { endpoint: "http://127.0.0.1:9" })
    .sign(key, data)
    .catch((error: unknown) => error);
  for (const error of [disabled, away]) {
    const { detail, code } = (await problemResponse(error, "t").json()) as { detail: string; code: string };
    expect(code).toBe("unavailable");
    expect(detail).not.toContain(id);
    expect(detail).not.toMatch(/arn:|111122223333/);
    expect(error).toMatchObject({ place: `KMS key ${keyId}` });
  }
});

describe("a key that cannot be used", () => {
  test("disabled: says so, and works again once it is enabled", async () => {
    await signs();
    await client.send(new DisableKeyCommand({ KeyId: keyId }));
    await expect(signs()).rejects.toMatchObject(said("unavailable", /disabled.*aws kms enable-key/));
    await expect(signs(), "looked at anew, with the same result").rejects.toMatchObject({ place: `KMS key ${keyId}` });
    expect(() => store.open(key), "a guard that asks now hears it before it learns").toThrow(/not loaded/);
    await client.send(new EnableKeyCommand({ KeyId: keyId }));
    await expect(signs()).resolves.toBeDefined();
  });

  test("pending deletion: says how to cancel that", async () => {
    await signs();
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }));
    await expect(signs()).rejects.toMatchObject(said("unavailable", /to be deleted.*cancel-key-deletion/));
    await client.send(new CancelKeyDeletionCommand({ KeyId: keyId }));
    await expect(signs()).rejects.toMatchObject(said("unavailable", /disabled/));
  });

  test("pending import: says how to import it", async () => {
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL" }),
    );
    const own = [{ keyId: KeyMetadata?.Arn ?? "", algorithm: "P-256" }] as const;
    await expect(openOn(own).create(spec(), free)).rejects.toMatchObject(
      said("unavailable", /no key material.*trstctl kms import-key/),
    );
    expect(await openOn(own).problems()).toMatchObject([said("unavailable", /no key material/)]);
  });

  test.each([
    [
      "another spec",
      { KeySpec: "ECC_NIST_P384", KeyUsage: "SIGN_VERIFY" },
      /spec ECC_NIST_P384 instead of ECC_NIST_P256/,
    ],
    [
      "another usage",
      { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" },
      /usage ENCRYPT_DECRYPT instead of SIGN_VERIFY/,
    ],
  ] as const)("of %s: can never serve, and names the setting", async (_, input, reason) => {
    const { KeyMetadata } = await client.send(new CreateKeyCommand(input));
    const own = [{ keyId: KeyMetadata?.Arn ?? "", algorithm: "P-256" }] as const;
    expect(await openOn(own).problems()).toMatchObject([said("misconfigured", reason)]);
    await expect(openOn(own).create(spec(), free)).rejects.toMatchObject(said("misconfigured", /TRSTCTL_KMS_KEYS/));
  });

  test("missing: names the setting", async () => {
    const own = [{ keyId: "arn:aws:kms:eu-central-1:111122223333:key/none", algorithm: "P-256" }] as const;
    expect(await openOn(own).problems()).toMatchObject([said("misconfigured", /is not there.*TRSTCTL_KMS_KEYS/)]);
  });

  test("refused to the signer: names what the policy must allow", async () => {
    server.faults = [{ operation: "Sign", error: ["AccessDeniedException"] }];
    await expect(signs()).rejects.toMatchObject(said("misconfigured", /key policy must allow kms:Sign.*DescribeKey/));
  });

  test("taken out of the pool: says to name it again", async () => {
    const other = openOn(await provision(client, { algorithms: ["P-256"] }));
    await expect(other.load(key)).rejects.toMatchObject(
      said("misconfigured", /no P-256 key of TRSTCTL_KMS_KEYS is it/),
    );
  });
});

describe("KMS in trouble", () => {
  test("throttled at first: tried again", async () => {
    const before = countOf("Sign");
    server.faults = [{ operation: "Sign", times: 2, error: ["ThrottlingException"] }];
    await expect(signs()).resolves.toBeDefined();
    expect(countOf("Sign") - before).toBe(3);
  });

  test("throttled for good: overloaded, after a bounded number of tries", async () => {
    const before = countOf("Sign");
    server.faults = [{ operation: "Sign", error: ["ThrottlingException"] }];
    await expect(signs()).rejects.toMatchObject({ code: "overloaded", retryAfter: 2 });
    expect(countOf("Sign") - before).toBe(4);
  });

  test.each([
    ["an internal error", { error: ["KMSInternalException", 500] }],
    ["a key that is away for a moment", { error: ["KeyUnavailableException", 500] }],
    ["a connection that ends", { hangUp: true }],
  ] as const)("%s: tried again, and unavailable when it stays", async (_, fault) => {
    server.faults = [{ operation: "Sign", times: 1, ...fault }];
    await expect(signs()).resolves.toBeDefined();
    server.faults = [{ operation: "Sign", ...fault }];
    await expect(signs()).rejects.toMatchObject({ code: "unavailable", retryAfter: 1 });
  });

  test("credentials that have expired: unavailable, until there are new ones", async () => {
    server.expired.add("test");
    await expect(signs()).rejects.toMatchObject(said("unavailable", /credentials were refused.*ExpiredToken.*renew/));
    server.expired.clear();
    await expect(signs()).resolves.toBeDefined();
  });

  test("throttled while a key is looked for: the asker hears that, not that there is none", async () => {
    server.faults = [{ operation: "DescribeKey", error: ["ThrottlingException"] }];
    const other = openOn(await provision(client, { algorithms: ["P-256"] }), { maxAttempts: 1 });
    await expect(other.create(spec(), free)).rejects.toMatchObject({ code: "overloaded" });
  });
});

describe("what does not leave", () => {
  test("a signature with one bit turned, as by a fault", async () => {
    server.faults = [
      {
        operation: "Sign",
        times: 1,
        corrupt: (bytes) => bytes.map((octet, at) => (at === bytes.length - 1 ? octet ^ 1 : octet)),
      },
    ];
    await expect(signs()).rejects.toMatchObject(said("corrupt", /does not verify.*withheld/));
    await expect(signs(), "the next one is right").resolves.toBeDefined();
  });

  test("none at all", async () => {
    server.faults = [{ operation: "Sign", times: 1, corrupt: () => new Uint8Array() }];
    await expect(signs()).rejects.toMatchObject({ code: "corrupt" });
  });

  test("another key's, behind an alias that was moved", async () => {
    const [first, second] = await provision(client, { algorithms: ["P-256"] });
    const AliasName = "alias/ca";
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: first?.keyId ?? "" }));
    const aliased = openOn([{ keyId: AliasName, algorithm: "P-256" }]);
    const own = await aliased.create(spec({ handle: "aliased" }), free);
    await aliased.sign(own, data);
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: second?.keyId ?? "" }));
    await expect(aliased.sign(own, data)).rejects.toMatchObject(said("corrupt", /does not verify/));
  });
});

describe("whose a key is", () => {
  test("one KMS key under two names is one key", async () => {
    await client.send(new CreateAliasCommand({ AliasName: "alias/twice", TargetKeyId: keyId }));
    const twice = openOn([...pool, { keyId: "alias/twice", algorithm: "P-256" }]);
    await twice.create(spec(), free);
    await expect(twice.create(spec({ handle: "second" }), free)).rejects.toMatchObject(
      said("conflict", /all 2 KMS keys of algorithm P-256 have an owner/),
    );
  });

  test("a key that the journal knows is nobody else's", async () => {
    const again = openOn(pool);
    const taken = (spki: Uint8Array) => base64(spki) === base64(key.spki);
    await expect(again.create(spec({ handle: "second" }), taken)).rejects.toMatchObject({ code: "conflict" });
  });

  test("no key of that kind in the pool, or at KMS at all", async () => {
    await expect(store.create(spec({ handle: "x", algorithm: "P-384" }), free)).rejects.toMatchObject(
      said("conflict", /all 0 KMS keys of algorithm P-384.*TRSTCTL_KMS_KEYS/),
    );
    await expect(store.create(spec({ handle: "x", algorithm: "SLH-DSA-SHA2-128s" }), free)).rejects.toMatchObject(
      said("guard_refused", /KMS has no SLH-DSA-SHA2-128s keys; use the sealed store/),
    );
  });

  test("an issuing CA whose CRLs KMS would refuse one day is refused today", async () => {
    const own = await provision(client, { algorithms: ["Ed25519"] });
    await expect(openOn(own).create(spec({ algorithm: "Ed25519" }), free)).rejects.toMatchObject(
      said("guard_refused", /4096 octets.*CRL/),
    );
    await expect(openOn(own).create(spec({ algorithm: "Ed25519", purpose: "root-ca" }), free)).resolves.toBeDefined();
  });
});

test("a key is looked at once, and each signature is one request of the message type that the key policy allows", async () => {
  await signs();
  const before = server.asked.length;
  await signs();
  await signs();
  const asked = server.asked.slice(before);
  expect(asked.map(({ operation }) => operation)).toEqual(["Sign", "Sign"]);
  expect(asked[0]?.body).toMatchObject({ MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" });
});

test("it signs, and decrypts nothing", async () => {
  await expect(store.decrypt(key, new Uint8Array(256), 32)).rejects.toMatchObject(
    said("guard_refused", /does not decrypt/),
  );
});
