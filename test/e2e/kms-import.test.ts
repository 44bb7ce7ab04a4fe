/** An operator's own private key, imported into KMS by `trstctl kms import-key`, becomes the key of an issuer. */
import { CreateKeyCommand, type KeySpec as KmsKeySpec } from "@aws-sdk/client-kms";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pool, startPool } from "#test/kms/pool";
import { clone, run, startHost, temporaryDirectory } from "./host.ts";
import { issueFrom } from "./key-holder.ts";
import { openssl } from "./openssl.ts";

const directory = temporaryDirectory();
let pool: Pool;
beforeAll(async () => {
  pool = await startPool({ algorithms: ["P-256"] });
});
afterAll(async () => pool[Symbol.asyncDispose]());

const aws = (): Record<string, string> => ({
  AWS_ENDPOINT_URL_KMS: pool.server.endpoint,
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
});

const trstctl = (...words: string[]) =>
  run(process.execPath, [join(clone, "cli", "trstctl.mjs"), ...words], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...aws() },
  });

/** Without material. @returns its ARN */
async function external(KeySpec: KmsKeySpec, MultiRegion = false): Promise<string> {
  const { KeyMetadata } = await pool.client.send(
    new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL", MultiRegion }),
  );
  return KeyMetadata?.Arn ?? "";
}

async function privateKey(name: string, ...words: string[]): Promise<string> {
  const path = join(directory, name);
  await openssl("genpkey", ...words, "-out", path);
  chmodSync(path, 0o600);
  return path;
}

const p384 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];

describe("trstctl kms import-key", () => {
  it("brings a key of openssl into KMS, from where it is the key of an issuer", async () => {
    const keyId = await external("ECC_NIST_P384");
    const file = await privateKey("ca.key", ...p384);
    const { code, stdout, stderr } = await trstctl("kms", "import-key", "--key-id", keyId, "--private-key", file);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(keyId);
    const [, line = ""] = /for TRSTCTL_KMS_KEYS: (\{.*\})/.exec(stderr) ?? [];
    expect(JSON.parse(line)).toEqual({ keyId, algorithm: "P-384" });

    const keys = JSON.stringify([...pool.pool, JSON.parse(line)]);
    const host = await startHost({ directory, settings: { ...aws(), TRSTCTL_KMS_KEYS: keys } });
    try {
      const issuer = await host.admin.ok("POST", "/issuers", {
        name: "Brought along",
        key_algorithm: "P-384",
        key_backend: "kms",
      });
      writeFileSync(join(directory, "issuer.pem"), issuer.certificate as string);
      const certified = await openssl("x509", "-in", join(directory, "issuer.pem"), "-noout", "-pubkey");
      expect(certified).toBe(await openssl("pkey", "-in", file, "-pubout"));
      await issueFrom(host, issuer.id as string);
    } finally {
      await host.stop();
    }
  });

  it("takes RSA and Ed25519, an encrypted file with its passphrase, and the same key once more", async () => {
    const rsa = await external("RSA_3072", true);
    const file = await privateKey("rsa.key", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072");
    for (const time of ["first", "again"]) {
      const done = await trstctl("kms", "import-key", "--key-id", rsa, "--private-key", file);
      expect(done.code, `${time}: ${done.stderr}`).toBe(0);
      expect(done.stderr).toMatch(/each replica.*same import/);
    }
    const encrypted = await privateKey("ed.key", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:open-sesame");
    expect(readFileSync(encrypted, "utf8")).toContain("ENCRYPTED");
    const phrase = join(directory, "phrase");
    writeFileSync(phrase, "open-sesame\n", { mode: 0o600 });
    const edwards = await external("ECC_NIST_EDWARDS25519");
    const words = ["kms", "import-key", "--key-id", edwards, "--private-key", encrypted];
    expect(await trstctl(...words)).toMatchObject({ code: 1, stderr: expect.stringMatching(/passphrase/) as unknown });
    expect(await trstctl(...words, "--passphrase-file", phrase)).toMatchObject({ code: 0 });
  });

  it("sends the key nowhere but wrapped", async () => {
    const keyId = await external("ECC_NIST_P384");
    const file = await privateKey("wrapped.key", ...p384);
    const before = pool.server.asked.length;
    const { code, stdout, stderr } = await trstctl("kms", "import-key", "--key-id", keyId, "--private-key", file);
    expect(code).toBe(0);
    const said = JSON.stringify(pool.server.asked.slice(before)) + stdout + stderr;
    const lines = readFileSync(file, "utf8").split("\n").slice(1, -2);
    for (const line of lines) expect(said).not.toContain(line);
    expect(pool.server.asked.slice(before).map(({ operation }) => operation)).toEqual([
      "DescribeKey",
      "GetParametersForImport",
      "ImportKeyMaterial",
      "GetPublicKey",
    ]);
    const scalar = Buffer.from(
      pool.server.materialOf(keyId.split("/")[1] ?? "")?.export({ format: "jwk" }).d ?? "",
      "base64url",
    );
    expect(scalar.length, "what came out at the other end is the key").toBe(48);
    expect(said).not.toContain(scalar.toString("base64"));
  });

  it.each([
    ["a KMS key with material of its own", async () => pool.pool[0]?.keyId ?? "", /origin AWS_KMS.*--origin EXTERNAL/],
    ["a KMS key of another spec", () => external("RSA_2048"), /spec RSA_2048, and the private key is P-384/],
    [
      "a KMS key that is not there",
      async () => "arn:aws:kms:eu-central-1:111122223333:key/none",
      /there is no KMS key/,
    ],
  ])("refuses %s, and says what to make", async (_, keyId, reason) => {
    const file = await privateKey("refused.key", ...p384);
    const done = await trstctl("kms", "import-key", "--key-id", await keyId(), "--private-key", file);
    expect(done.code).not.toBe(0);
    expect(done.stderr).toMatch(reason);
  });

  it("refuses another key where one was imported, a file that others may read, and a kind that KMS does not import", async () => {
    const keyId = await external("ECC_NIST_P384");
    const [first, second] = [await privateKey("first.key", ...p384), await privateKey("second.key", ...p384)];
    const by = (file: string) => trstctl("kms", "import-key", "--key-id", keyId, "--private-key", file);
    expect((await by(first)).code).toBe(0);
    expect((await by(second)).stderr).toMatch(/takes the very private key that was imported into it first/);
    chmodSync(second, 0o644);
    expect((await by(second)).stderr).toMatch(/can be read by others; chmod 600/);
    expect((await by(join(directory, "missing"))).stderr).toMatch(/does not exist/);
    const odd = await privateKey("odd.key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1");
    expect((await by(odd)).stderr).toMatch(/EC on secp256k1 key cannot be imported, P-256/);
  });
});
