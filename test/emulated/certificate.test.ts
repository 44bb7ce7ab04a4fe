/** The first certificate on AWS: minted by nobody public, issued, good, revoked, and all of it on record. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { succeed } from "#test/run";
import { type Bundle, bundleFiles, newCsr, ocspStatus, urlsIn, verifyChain } from "../e2e/openssl.ts";
import { asOperator, curl, deployment, eventually, newTenant, type Tenant } from "./deployed.ts";

let tenant: Tenant;
let rootPem: string;
beforeAll(async () => {
  tenant = await newTenant("certificate");
  rootPem = (await tenant.trstctl("issuers", "root")).certificate;
});

const csrOf = (name: string): Promise<string> => newCsr(tenant.directory, name, `${name}.example.test`);

/** The CRL behind the URL in the certificate. */
async function crlText({ leaf }: Bundle): Promise<string> {
  const { crl } = await urlsIn(leaf);
  await succeed("curl", ["--silent", "--show-error", "--fail", "--output", `${leaf}.crl`, crl]);
  return succeed("openssl", ["crl", "-inform", "DER", "-in", `${leaf}.crl`, "-noout", "-text"]);
}

const serialOf = async (file: string): Promise<string> =>
  (await succeed("openssl", ["x509", "-in", file, "-noout", "-serial"])).trim().replace("serial=", "");

it("mints a token for who may invoke the admin function, and for nobody over the network", async () => {
  expect(tenant.token).toMatch(/^trst_/);
  const elsewhere = `${deployment().name}-not-there`;
  const { code, stderr } = await asOperator("token", "create", "--stack", elsewhere, "--tenant", "certificate");
  expect(code).not.toBe(0);
  expect(stderr).toContain(elsewhere);
  // Neither is the API's: the first is no file of the console either, and nothing can be posted there.
  for (const [path, status] of [
    ["/admin/tokens", 403],
    ["/api/v1/admin/tokens", 404],
  ] as const)
    expect((await curl("POST", path, { token: tenant.token, body: { tenant: "certificate" } })).status).toBe(status);
  expect((await curl("GET", "/api/v1/certificates")).status).toBe(401);
});

it("issues what openssl verifies, by our CLI and by curl; OCSP says good, then revoked; the CRL lists it", async () => {
  const files = { csr: join(tenant.directory, "cli.pem.csr"), pem: join(tenant.directory, "cli.pem") };
  writeFileSync(files.csr, await csrOf("cli"));
  await tenant.trstctl("certificates", "issue", "--csr", files.csr, "--out", files.pem);
  const byCli = bundleFiles(tenant.directory, "cli", readFileSync(files.pem, "utf8"), rootPem);
  const { status, json } = await tenant.curl("POST", "/certificates", { csr: await csrOf("curl") });
  expect([status, json]).toEqual([201, expect.anything()]);
  const byCurl = bundleFiles(tenant.directory, "curl", [json.certificate, ...json.chain].join(""), rootPem);
  // A new issuer's responder and first CRL come by the outbox: until then OCSP says 503, try later.
  await eventually(
    "an outbox with nothing pending",
    async () => (await tenant.curl("GET", "/outbox?status=pending")).json.items.length === 0 || undefined,
  );
  for (const bundle of [byCli, byCurl]) {
    expect((await verifyChain(bundle, "-purpose", "sslserver")).code).toBe(0);
    for (const nonce of ["-nonce", "-no_nonce"]) expect(await ocspStatus(bundle, nonce)).toBe("good");
    expect(await crlText(bundle)).not.toContain(await serialOf(bundle.leaf));
  }
  await tenant.trstctl("certificates", "revoke", json.id, "--reason", "keyCompromise", "--yes");
  expect(await ocspStatus(byCurl)).toBe("revoked keyCompromise");
  expect(await ocspStatus(byCli)).toBe("good");
  const serial = await serialOf(byCurl.leaf);
  await eventually("the CRL lists it", async () => (await crlText(byCurl)).includes(serial) || undefined);
});

it("answers a repeated request with the same certificate", async () => {
  const words = [
    "certificates",
    "issue",
    "--csr",
    join(tenant.directory, "once.csr"),
    "--idempotency-key",
    "only-once-1",
  ];
  await csrOf("once");
  const [first, second] = [await tenant.trstctl(...words), await tenant.trstctl(...words)];
  expect(second.serial).toBe(first.serial);
});

it("keeps an audit trail that verifies, here and offline, and that the signer's journal agrees with", async () => {
  const { items } = await tenant.trstctl("audit", "list");
  const types = items.map(({ type }: { type: string }) => type);
  expect(types).toEqual(expect.arrayContaining(["certificate.issued", "certificate.revoked", "token.created"]));
  await tenant.trstctl("audit", "verify");
  await tenant.trstctl("audit", "checkpoint");
  const { verifier_key: key } = await tenant.trstctl("audit", "key");
  const exported = join(tenant.directory, "export");
  expect(await tenant.tryTrstctl("audit", "export", "--to", exported)).toMatchObject({ code: 0 });
  expect(await tenant.tryTrstctl("audit", "verify", "--offline", exported, "--key", key)).toMatchObject({ code: 0 });
  expect(await tenant.trstctl("audit", "reconcile")).toMatchObject({ clean: true, unjournalled: [] });
  expect(await tenant.trstctl("audit", "state")).toMatchObject({ clean: true, differing: [] });
});

it("shows none of it to another tenant", async () => {
  const other = await newTenant("somebody-else");
  const { items } = await tenant.trstctl("certificates", "list");
  expect(items.length).toBeGreaterThan(0);
  for (const { id } of items) expect((await other.curl("GET", `/certificates/${id}`)).status).toBe(404);
  expect((await asOperator("tenants", "list", "--stack", deployment().name)).stdout).toContain("somebody-else");
});
