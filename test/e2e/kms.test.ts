/** A machine whose CA keys lie in AWS KMS, at a KMS of our own (`test/kms/`). */
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { type Pool, startPool } from "#test/kms/pool";
import { type Host, startHost, temporaryDirectory } from "./host.ts";
import { type HeldIssuer, issueFrom, revokeFrom, useIssuer } from "./key-holder.ts";
import { ocspStatus } from "./openssl.ts";

let pool: Pool;
let host: Host;
const directory = temporaryDirectory();
const settings = (): Record<string, string> => ({
  TRSTCTL_CA_KEYS: "kms",
  TRSTCTL_KMS_KEYS: JSON.stringify(pool.pool),
  AWS_ENDPOINT_URL_KMS: pool.server.endpoint,
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
});

beforeAll(async () => {
  pool = await startPool({ algorithms: ["P-256", "RSA-PSS-2048", "ML-DSA-65"], spare: { "P-256": 3 } });
  host = await startHost({ directory, settings: settings() });
  return async () => {
    await host.stop();
    await pool[Symbol.asyncDispose]();
  };
});

describe("a host with CA keys in KMS", () => {
  let held: HeldIssuer;
  let sealed: HeldIssuer;

  it("has the tenant's root there by default, the host's own CA not", async () => {
    const { items } = await host.admin.ok("GET", "/issuers");
    expect(items.map(({ key_backend }: { key_backend: string }) => key_backend)).toEqual(["kms", "kms"]);
  });

  it("issues from an issuer in KMS: openssl verifies the chain, OCSP is good", async () => {
    held = await useIssuer(host, "kms", "P-256");
    await useIssuer(host, "kms", "RSA-PSS-2048");
  });

  it("makes an ML-DSA issuer in KMS without being told where", async () => {
    const { id } = await host.admin.ok("POST", "/issuers", { name: "PQ", key_algorithm: "ML-DSA-65" });
    expect((await host.admin.ok("GET", `/issuers/${id}`)).key_backend).toBe("kms");
  });

  it("has a sealed issuer beside it, when asked to, and one in a token is refused", async () => {
    sealed = await useIssuer(host, "sealed", "P-256");
    const refused = await host.admin.send("POST", "/issuers", { body: { name: "HSM", key_backend: "pkcs11" } });
    expect(refused.status).toBe(422);
    expect(refused.json.detail).toMatch(/no pkcs11 backend; it has sealed, kms/);
  });

  it("says what KMS lacks", async () => {
    const none = await host.admin.send("POST", "/issuers", {
      body: { name: "SLH", key_algorithm: "SLH-DSA-SHA2-128f" },
    });
    expect([none.status, none.json.detail]).toEqual([422, expect.stringMatching(/KMS has no SLH-DSA-SHA2-128f keys/)]);
    const empty = await host.admin.send("POST", "/issuers", { body: { name: "P384", key_algorithm: "P-384" } });
    expect([empty.status, empty.json.detail]).toEqual([
      409,
      expect.stringMatching(/all 0 KMS keys of algorithm P-384/),
    ]);
  });

  it("revokes over a CRL that KMS signs", async () => {
    await revokeFrom(host, held);
  });

  it("goes on with sealed issuers, and with OCSP of all, while the keys in KMS are disabled", async () => {
    for (const { keyId } of pool.pool) await pool.client.send(new DisableKeyCommand({ KeyId: keyId }));
    await expect(issueFrom(host, held.id)).rejects.toThrow(/disabled: enable it/);
    await issueFrom(host, sealed.id);
    await expect(ocspStatus(held.bundle)).resolves.toBe("revoked keyCompromise");
    for (const { keyId } of pool.pool) await pool.client.send(new EnableKeyCommand({ KeyId: keyId }));
    await issueFrom(host, held.id);
  });

  it("signs with the same keys after a start", async () => {
    await host.stop();
    host = await startHost({ directory, settings: settings() });
    await issueFrom(host, held.id);
  });

  it("journals each signature once, and the audit finds every one", async () => {
    const { code, stdout } = await host.cli("audit", "reconcile");
    expect(code, stdout).toBe(0);
  });
});
