/** Clients that we did not write on what a host emits: Go's crypto/x509, and curl with a stapled OCSP response. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { type Finished, run, succeed } from "#test/run";
import { fetchPlain, type Host, startHost } from "#test/e2e/host";
import { keyNames, newCsr, openssl } from "#test/e2e/openssl";
import { goProgram } from "./tools/go.ts";

/** Neither client knows the others; OpenSSL 3.5 does (`test/contract/algorithms.test.ts`). */
const issuerKeys = signerKeyAlgorithms.filter((name) => /^(P-|RSA|Ed25519)/.test(name));

interface Case {
  readonly algorithm: string;
  readonly name: string;
  readonly id: string;
  readonly pem: { readonly leaf: string; readonly issuer: string; readonly root: string; readonly key: string };
  readonly crlUrl: string;
  readonly ocspUrl: string;
}

let host: Host;
let cases: Case[];
beforeAll(async () => {
  host = await startHost();
  const root = await host.admin.ok("GET", "/issuers/root");
  cases = [];
  for (const [at, algorithm] of issuerKeys.entries()) {
    const key = keyNames[at % keyNames.length];
    const file = `client-${at}`;
    const name = `${file}.example.com`;
    const issuer = await host.admin.ok("POST", "/issuers", { name: `${algorithm} CA`, key_algorithm: algorithm });
    const csr = await newCsr(host.directory, file, name, key);
    const leaf = await host.admin.ok("POST", "/certificates", { csr, issuer_id: issuer.id });
    cases.push({
      algorithm,
      name,
      id: leaf.id,
      pem: {
        leaf: leaf.certificate,
        issuer: issuer.certificate,
        root: root.certificate,
        key: readFileSync(join(host.directory, `${file}.key`), "utf8"),
      },
      crlUrl: parseCertificate(derOf(leaf.certificate)).crlUrls[0] ?? "",
      ocspUrl: issuer.ocsp_url,
    });
  }
  return () => host.stop();
});

const derOf = (pem: string): Uint8Array => pemDecode(pem, "CERTIFICATE")[0] ?? new Uint8Array(0);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

async function askGo(): Promise<unknown> {
  const questions = await Promise.all(
    cases.map(async ({ name, pem, crlUrl }) => ({
      Name: name,
      Leaf: base64(derOf(pem.leaf)),
      Issuer: base64(derOf(pem.issuer)),
      Root: base64(derOf(pem.root)),
      Crl: base64((await fetchPlain(crlUrl)).bytes),
    })),
  );
  const program = fileURLToPath(new URL("clients/verify.go", import.meta.url));
  const env = { ...process.env, GOTOOLCHAIN: "local", GO111MODULE: "off" };
  return JSON.parse(await succeed(goProgram(), ["run", program], { env, input: JSON.stringify(questions) }));
}

async function stapleFor({ pem, ocspUrl }: Case): Promise<Buffer> {
  const at = (file: string): string => join(host.directory, file);
  writeFileSync(at("staple.leaf.pem"), pem.leaf);
  writeFileSync(at("staple.issuer.pem"), pem.issuer);
  await openssl(
    "ocsp",
    "-issuer",
    at("staple.issuer.pem"),
    "-cert",
    at("staple.leaf.pem"),
    "-no_nonce",
    "-reqout",
    at("staple.req"),
  );
  const body = readFileSync(at("staple.req"));
  const headers = { "content-type": "application/ocsp-request" };
  return (await fetchPlain(ocspUrl, { method: "POST", headers, body })).bytes;
}

/** curl against a TLS server with the certificate and a stapled response, trusting the root alone. */
async function curlTo(one: Case): Promise<Finished> {
  const staple = await stapleFor(one);
  const server = createServer({ key: one.pem.key, cert: one.pem.leaf + one.pem.issuer }, (_, response) =>
    response.end("hello"),
  );
  server.on("OCSPRequest", (_certificate: Buffer, _issuer: Buffer, answer: (error: null, response: Buffer) => void) =>
    answer(null, staple),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const root = join(host.directory, "client.root.pem");
    writeFileSync(root, one.pem.root);
    const { port } = server.address() as AddressInfo;
    const words = [
      "--silent",
      "--show-error",
      "--cacert",
      root,
      "--cert-status",
      "--resolve",
      `${one.name}:${port}:127.0.0.1`,
    ];
    return await run("curl", [...words, `https://${one.name}:${port}/`]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("every classical issuer, before and after revocation", () => {
  it("Go verifies chain, name and CRL, and finds nothing revoked", async () => {
    expect(await askGo()).toEqual(cases.map(() => ({ chain: "", crl: "", listed: false })));
  });

  it.each(issuerKeys)(
    "curl trusts a server with a certificate of a %s CA and its stapled status",
    async (algorithm) => {
      const one = cases.find((candidate) => candidate.algorithm === algorithm) as Case;
      expect(await curlTo(one)).toEqual({ code: 0, stdout: "hello", stderr: "" });
    },
  );

  it("Go finds each on its CRL once it is revoked, and curl refuses the server", async () => {
    for (const { id } of cases) await host.admin.ok("POST", `/certificates/${id}/revoke`, { reason: "superseded" });
    expect(await askGo()).toEqual(cases.map(() => ({ chain: "", crl: "", listed: true })));
    const refused = await curlTo(cases[0] as Case);
    expect(refused.code).toBe(91); // CURLE_SSL_INVALIDCERTSTATUS
    expect(refused.stderr).toContain("revocation reason: superseded");
  });
});
