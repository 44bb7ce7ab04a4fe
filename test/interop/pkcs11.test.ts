/** The signer's PKCS#11 backend with SoftHSM2 from Debian: the contract of all key stores, what tokens do, and a whole host. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "#shared/kernel/bytes";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { CKA, CKF, CKO, CKR, CKU, loadCryptoki } from "#signer/keys/cryptoki";
import type { KeyStore } from "#signer/keys/key-store";
import { openPkcs11Keys } from "#signer/keys/pkcs11";
import { openToken } from "#signer/keys/pkcs11-token";
import { classical, holdKeyStore } from "#test/contract/key-store-contract";
import { eventually, type Host, launch, startHost, temporaryDirectory } from "#test/e2e/host";
import { type HeldIssuer, issueFrom, revokeFrom, useIssuer } from "#test/e2e/key-holder";
import { run } from "#test/run";
import { softHsmIn } from "./tools/softhsm.ts";

const directory = temporaryDirectory();
const hsm = await softHsmIn(directory);
process.env["SOFTHSM2_CONF"] = hsm.conf; // SoftHSM looks there when it is initialised, once in a process
const pin = "user-pin-1";
await hsm.token("ca", pin);
await hsm.token("second", "another-pin");

const free = () => false;
const data = utf8("to be signed");
const spec = (over: Partial<KeySpec> = {}): KeySpec => ({
  tenant: "acme",
  handle: "ca",
  algorithm: "P-256",
  purpose: "issuing-ca",
  limits: {},
  backend: "pkcs11",
  ...over,
});
const tokenOf = (label: string, text: string) =>
  openToken({ module: hsm.module, label, pin: new SecretBytes(utf8(text)) });
const open = (label = "ca", text = pin): KeyStore => openPkcs11Keys(tokenOf(label, text));
const said = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) as unknown });

holdKeyStore("SoftHSM", {
  backend: "pkcs11",
  algorithms: classical,
  open: async () => open(),
});

describe("a key in a token", () => {
  test("cannot be read out of it, whoever has the PIN", async () => {
    await open().create(spec({ handle: "stays" }), free);
    await tokenOf("ca", pin).use(async (cryptoki, session) => {
      cryptoki.C_FindObjectsInit(session, [
        { type: CKA.CLASS, value: CKO.PRIVATE_KEY },
        { type: CKA.LABEL, value: "trstctl:acme:stays" },
      ]);
      const [key] = cryptoki.C_FindObjects(session, 2);
      cryptoki.C_FindObjectsFinal(session);
      if (key === undefined) throw new Error("the key is not where its label says");
      const attributes = [CKA.SENSITIVE, CKA.EXTRACTABLE, CKA.DECRYPT].map((type) => ({ type }));
      const values = cryptoki.C_GetAttributeValue(session, key, attributes).map(({ value }) => value[0]);
      expect(values).toEqual([1, 0, 0]);
      const alwaysSensitive = 0x165;
      const neverExtractable = 0x164;
      const local = 0x163;
      const past = [alwaysSensitive, neverExtractable, local].map((type) => ({ type }));
      expect(cryptoki.C_GetAttributeValue(session, key, past).map(({ value }) => value[0])).toEqual([1, 1, 1]);
      const value = 0x11;
      expect(() => cryptoki.C_GetAttributeValue(session, key, [{ type: value }])).toThrow(/SENSITIVE/);
    });
  });

  test("is found again after a crash before its record, and only for the same", async () => {
    const own = spec({ handle: "crashed" });
    const made = await open().create(own, free);
    expect(await open().create(own, free)).toEqual(made);
    await expect(open().create({ ...own, purpose: "root-ca" }, free)).rejects.toMatchObject(
      said("conflict", /private key trstctl:acme:crashed that was not made for this/),
    );
  });

  test("label clash: a key of somebody else under our label is neither used nor written over", async () => {
    await tokenOf("ca", pin).use((cryptoki, session) =>
      cryptoki.C_GenerateKeyPairAsync(
        session,
        { mechanism: 0x1040 },
        [
          { type: CKA.TOKEN, value: true },
          { type: CKA.EC_PARAMS, value: Buffer.from("06082a8648ce3d030107", "hex") },
        ],
        [
          { type: CKA.TOKEN, value: true },
          { type: CKA.LABEL, value: "trstctl:acme:foreign" },
          { type: CKA.ID, value: Buffer.from("theirs") },
        ],
      ),
    );
    await expect(open().create(spec({ handle: "foreign" }), free)).rejects.toMatchObject(
      said("conflict", /was not made for this; choose another handle/),
    );
  });

  test("two copies under one label and id: it is not guessed which one is meant", async () => {
    const own = spec({ handle: "twice" });
    const key = await open().create(own, free);
    await tokenOf("ca", pin).use(async (cryptoki, session) => {
      cryptoki.C_FindObjectsInit(session, [
        { type: CKA.CLASS, value: CKO.PRIVATE_KEY },
        { type: CKA.LABEL, value: "trstctl:acme:twice" },
      ]);
      const [object] = cryptoki.C_FindObjects(session, 1);
      cryptoki.C_FindObjectsFinal(session);
      const [id] = cryptoki.C_GetAttributeValue(session, object ?? Buffer.alloc(8), [{ type: CKA.ID }]);
      await cryptoki.C_GenerateKeyPairAsync(
        session,
        { mechanism: 0x1040 },
        [
          { type: CKA.TOKEN, value: true },
          { type: CKA.EC_PARAMS, value: Buffer.from("06082a8648ce3d030107", "hex") },
        ],
        [
          { type: CKA.TOKEN, value: true },
          { type: CKA.LABEL, value: "trstctl:acme:twice" },
          { type: CKA.ID, value: id?.value ?? Buffer.alloc(0) },
        ],
      );
    });
    await expect(open().sign(key, data)).rejects.toMatchObject(said("corrupt", /2 private keys.*remove the copies/));
  });

  test("another key under our label and id signs, and nothing of it leaves", async () => {
    const own = spec({ handle: "swapped" });
    const key = await open().create(own, free);
    const swapped = { ...key, spki: (await open().create(spec({ handle: "other" }), free)).spki };
    await expect(open().sign(swapped, data)).rejects.toMatchObject(said("corrupt", /does not verify.*withheld/));
  });

  test("no ML-DSA there: refused by name", async () => {
    await expect(open().create(spec({ handle: "pq", algorithm: "ML-DSA-65" }), free)).rejects.toMatchObject(
      said("guard_refused", /PKCS#11 is not used for ML-DSA-65; use the sealed store/),
    );
  });
});

describe("a token in trouble", () => {
  test("all sessions closed, as after a loss: the next signature logs in again", async () => {
    const store = open();
    const key = await store.create(spec({ handle: "lost" }), free);
    await store.sign(key, data);
    const cryptoki = loadCryptoki(hsm.module);
    for (const slot of cryptoki.C_GetSlotList(true)) cryptoki.C_CloseAllSessions(slot);
    const signatures = await Promise.all(Array.from({ length: 12 }, () => store.sign(key, data)));
    expect(signatures).toHaveLength(12);
  });

  test("the module finalised under us, as a driver that was started anew: it is initialised again", async () => {
    const store = open();
    const key = await store.create(spec({ handle: "finalised" }), free);
    loadCryptoki(hsm.module).C_Finalize();
    await expect(store.sign(key, data)).resolves.toBeDefined();
  });

  test("gone and back: unavailable in between, and then it signs", async () => {
    await hsm.token("travels", "travel-pin");
    const cryptoki = loadCryptoki(hsm.module);
    cryptoki.C_Finalize(); // SoftHSM looks for new tokens when it is initialised
    const store = open("travels", "travel-pin");
    const key = await store.create(spec({ handle: "abroad" }), free);
    await store.sign(key, data);
    const away = `${hsm.tokens}-away`;
    renameSync(hsm.tokens, away);
    mkdirSync(hsm.tokens);
    cryptoki.C_Finalize();
    await expect(store.sign(key, data)).rejects.toMatchObject(
      said("unavailable", /there is no PKCS#11 token "travels".*TRSTCTL_PKCS11_TOKEN/),
    );
    expect(() => store.open(key), "a guard that asks now hears it before it learns").toThrow(/not loaded/);
    await expect(store.load(key)).rejects.toMatchObject({ code: "unavailable", retryAfter: 5 });
    renameSync(hsm.tokens, `${hsm.tokens}-empty`);
    renameSync(away, hsm.tokens);
    await store.load(key);
    await expect(store.sign(key, data)).resolves.toBeDefined();
  });

  test("a wrong PIN is tried once, and named", async () => {
    const token = tokenOf("second", "wrong-pin");
    const tries = async () => token.mechanisms();
    await expect(tries()).rejects.toMatchObject(said("misconfigured", /refuses the PIN.*TRSTCTL_PKCS11_PIN_FILE/));
    const cryptoki = loadCryptoki(hsm.module);
    const login = cryptoki.C_Login.bind(cryptoki);
    let logins = 0;
    cryptoki.C_Login = (...words) => {
      logins++;
      login(...words);
    };
    await expect(tries()).rejects.toMatchObject({ code: "misconfigured" });
    cryptoki.C_Login = login;
    expect(logins, "a token that counts is not locked by us").toBe(0);
  });

  test("a token that is not there is named with those that are", async () => {
    await expect(tokenOf("cb", pin).mechanisms()).rejects.toMatchObject(
      said("unavailable", /no PKCS#11 token "cb" \(there are .*"ca".*\)/),
    );
  });

  test("a library that is none", () => {
    expect(() => openToken({ module: "/etc/hostname", label: "ca", pin: new SecretBytes(utf8(pin)) })).toThrow(
      /\/etc\/hostname cannot be loaded.*TRSTCTL_PKCS11_MODULE/s,
    );
  });

  test("standard values are as the headers have them", () => {
    expect([CKR.PIN_INCORRECT, CKR.SESSION_HANDLE_INVALID, CKU.USER, CKF.SERIAL_SESSION]).toEqual([0xa0, 0xb3, 1, 4]);
  });
});

describe("a host whose CA keys lie in a token", () => {
  let host: Host;
  let held: HeldIssuer;
  const place = temporaryDirectory();
  const pinFile = join(place, "pin");
  const settings = {
    TRSTCTL_CA_KEYS: "pkcs11",
    TRSTCTL_PKCS11_MODULE: hsm.module,
    TRSTCTL_PKCS11_TOKEN: "ca",
    TRSTCTL_PKCS11_PIN_FILE: pinFile,
    SOFTHSM2_CONF: hsm.conf,
  };
  beforeAll(async () => {
    writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 });
    host = await startHost({ directory: place, settings });
  });
  afterAll(async () => host.stop());

  test("root and issuing CA are made in it, and say so", async () => {
    const { items } = await host.admin.ok("GET", "/issuers");
    expect(items.map(({ key_backend }: { key_backend: string }) => key_backend)).toEqual(["pkcs11", "pkcs11"]);
  });

  test.each(["P-256", "P-384", "RSA-PSS-2048", "Ed25519"])(
    "an issuer with a %s key in it issues what openssl verifies, OCSP is good",
    async (algorithm) => {
      held = await useIssuer(host, "pkcs11", algorithm);
    },
  );

  test("revocation is on a CRL that the token signed", async () => {
    await revokeFrom(host, held);
  });

  test("after a start it signs with the same keys", async () => {
    await host.stop();
    host = await startHost({ directory: place, settings });
    await issueFrom(host, held.id);
    const { code, stdout } = await host.cli("audit", "reconcile");
    expect(code, stdout).toBe(0);
  });

  test("without the token's settings the other keys work, and these say which setting is missing", async () => {
    await host.stop();
    host = await startHost({ directory: place });
    await expect(issueFrom(host, held.id)).rejects.toThrow(/the operator finds details in its log/);
    await eventually("the line in the log", () => /lies in pkcs11.*TRSTCTL_PKCS11_MODULE/.test(host.stderr()));
    await host.stop();
    host = await startHost({ directory: place, settings });
    await issueFrom(host, held.id);
  });

  test("a wrong PIN ends the start, at once and for good", async () => {
    const other = temporaryDirectory();
    writeFileSync(join(other, "pin"), "wrong", { mode: 0o600 });
    const started = launch({
      directory: other,
      settings: { ...settings, TRSTCTL_PKCS11_TOKEN: "second", TRSTCTL_PKCS11_PIN_FILE: join(other, "pin") },
    });
    expect(await started.exited).toBe(1);
    expect(started.output.stderr).toMatch(/signer: token "second" refuses the PIN/);
    expect(started.output.stderr).not.toContain("starting it again");
  });

  test.each([
    ["half of the settings", { TRSTCTL_PKCS11_PIN_FILE: "" }, /TRSTCTL_PKCS11_PIN_FILE: is needed beside/],
    [
      "a PIN file that others may read",
      { TRSTCTL_PKCS11_PIN_FILE: "/etc/hostname" },
      /PIN file \/etc\/hostname can be read/,
    ],
    [
      "a module that is none",
      { TRSTCTL_PKCS11_MODULE: "/etc/hostname" },
      /PKCS#11 module \/etc\/hostname cannot be loaded/,
    ],
    [
      "a default that there is none of",
      { TRSTCTL_CA_KEYS: "kms" },
      /TRSTCTL_CA_KEYS is kms, which needs TRSTCTL_KMS_KEYS/,
    ],
  ])("%s: does not start, and says so", async (_, over, reason) => {
    const started = launch({ directory: temporaryDirectory(), settings: { ...settings, ...over } });
    expect(await started.exited).toBe(1);
    expect(started.output.stderr).toMatch(reason);
  });

  test("the PIN is in no argument, no environment and no file of the host", async () => {
    for (const { pid } of host.processes()) {
      const { stdout } = await run("sh", ["-c", `cat /proc/${pid}/cmdline /proc/${pid}/environ | tr '\\0' '\\n'`]);
      expect(stdout).not.toContain(pin);
    }
    expect((await run("grep", ["-rl", pin, host.data])).stdout).toBe("");
  });
});
