/** Issuers on a key in KMS and on one that KMS wraps, both behind the signer's function. */
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { succeed } from "#test/run";
import { type Bundle, bundleFiles, newCsr, ocspStatus, verifyChain } from "../e2e/openssl.ts";
import { deployment, newTenant, resources, type Tenant } from "./deployed.ts";

let tenant: Tenant;
let rootPem: string;
beforeAll(async () => {
  tenant = await newTenant("keys");
  rootPem = (await tenant.trstctl("issuers", "root")).certificate;
});

async function issueFrom(issuer: string, name: string): Promise<Bundle> {
  const csr = await newCsr(tenant.directory, name, `${name}.example.test`);
  const { status, json } = await tenant.curl("POST", "/certificates", { csr, issuer_id: issuer });
  expect([status, json]).toEqual([201, expect.anything()]);
  return bundleFiles(tenant.directory, name, [json.certificate, ...json.chain].join(""), rootPem);
}

async function expectServed(bundle: Bundle): Promise<void> {
  expect((await verifyChain(bundle)).code).toBe(0);
  expect(await ocspStatus(bundle)).toBe("good");
}

const create = (name: string, backend: string): string[] =>
  `issuers create --name ${name} --key-algorithm P-384 --key-backend ${backend}`.split(" ");

it("an issuer on a P-384 key in KMS: its public key is that of the key that the stack made", async () => {
  const issuer = await tenant.trstctl(...create("in-kms", "kms"));
  const bundle = await issueFrom(issuer.id, "in-kms");
  await expectServed(bundle);
  const { endpoint, region, credentials } = deployment();
  const kms = new KMSClient({ endpoint, region, credentials });
  const keys = (await resources("keys")).filter(
    ({ type, logicalId }) => type === "AWS::KMS::Key" && logicalId.startsWith("CaKeyP384"),
  );
  expect(keys).toHaveLength(1);
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keys[0]?.physicalId }));
  const der = join(tenant.directory, "kms.der");
  writeFileSync(der, PublicKey ?? "");
  const inKms = await succeed("openssl", ["pkey", "-pubin", "-inform", "DER", "-in", der, "-pubout"]);
  expect(await succeed("openssl", ["x509", "-in", bundle.issuer, "-noout", "-pubkey"])).toBe(inKms);
});

it("no second one when the only key is claimed: the refusal says what to do", async () => {
  const { code, stderr } = await tenant.tryTrstctl(...create("another", "kms"));
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/all 1 KMS keys of algorithm P-384 have an owner/);
});

it("an issuer on a key that KMS wraps", async () => {
  const issuer = await tenant.trstctl(...create("wrapped", "sealed"));
  await expectServed(await issueFrom(issuer.id, "wrapped"));
});

it("every algorithm of a wrapped key that the emulator's KMS has none of", async () => {
  const issuer = await tenant.trstctl("issuers", "create", "--name", "post-quantum", "--key-algorithm", "ML-DSA-65");
  expect(issuer).toMatchObject({ key_algorithm: "ML-DSA-65", status: "active" });
  expect((await tenant.trstctl("audit", "reconcile")).clean).toBe(true);
});
