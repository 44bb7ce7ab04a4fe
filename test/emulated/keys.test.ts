/** Issuers on keys that KMS wraps, behind the signer's function. */
import { beforeAll, expect, it } from "vitest";
import { type Bundle, bundleFiles, newCsr, ocspStatus, verifyChain } from "../e2e/openssl.ts";
import { newTenant, type Tenant } from "./deployed.ts";

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
  `issuers create --name ${name} --key-algorithm P-256 --key-backend ${backend}`.split(" ");

it("an issuer on a key that KMS wraps", async () => {
  const issuer = await tenant.trstctl(...create("wrapped", "sealed"));
  await expectServed(await issueFrom(issuer.id, "wrapped"));
});

it("every algorithm of a wrapped key that the emulator's KMS has none of", async () => {
  const issuer = await tenant.trstctl("issuers", "create", "--name", "post-quantum", "--key-algorithm", "ML-DSA-65");
  expect(issuer).toMatchObject({ key_algorithm: "ML-DSA-65", status: "active" });
  expect((await tenant.trstctl("audit", "reconcile")).clean).toBe(true);
});
