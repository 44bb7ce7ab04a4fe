/** A second implementation of the newer algorithms, which shares no code with OpenSSL: it asks, and it verifies all that comes. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { parseCertificate } from "#shared/pki/certificate";
import { sequence } from "#shared/pki/der/writer";
import { certIdFor } from "#shared/pki/ocsp";
import { oids } from "#shared/pki/oids";
import { pemDecode } from "#shared/pki/pem";
import { fetchPlain, type Host, startHost, temporaryDirectory } from "#test/e2e/host";
import { callBouncyCastle } from "./tools/bouncycastle.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host.stop());

/** Each parameter set but those of SLH-DSA that take seconds, of which there is one; and what is old and seldom. */
const algorithms: readonly SignerKeyAlgorithm[] = [
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
  "SLH-DSA-SHA2-128s",
  "SLH-DSA-SHA2-128f",
  "SLH-DSA-SHA2-192f",
  "SLH-DSA-SHA2-256f",
  "SLH-DSA-SHAKE-128f",
  "SLH-DSA-SHAKE-192f",
  "SLH-DSA-SHAKE-256f",
];

const derOf = (pem: string): Uint8Array => pemDecode(pem, "CERTIFICATE")[0] ?? new Uint8Array();

it.each(algorithms)(
  "Bouncy Castle gets a certificate for its %s key, and verifies it, its chain, CRL and OCSP",
  async (name) => {
    const directory = temporaryDirectory();
    const at = (file: string): string => join(directory, file);
    const token = await host.token({ tenant: name.toLowerCase(), scopes: ["*"], ca_key_algorithm: name });
    const client = host.as(token);
    const issuer = await client.ok("POST", "/issuers", {
      name: "Issuing",
      key_algorithm: name,
      responder_key_algorithm: name,
    });
    const root = await client.ok("GET", "/issuers/root");

    await callBouncyCastle("request", name, "www.example.test", at("leaf.csr"));
    const csr = readFileSync(at("leaf.csr")).toString("base64");
    const leaf = await client.ok("POST", "/certificates", { csr, issuer_id: issuer.id });
    await client.ok("POST", `/certificates/${leaf.id}/revoke`, { reason: "keyCompromise" });

    const issuing = derOf(issuer.certificate);
    const { subjectDer, spki } = parseCertificate(issuing);
    const question = sequence(sequence(sequence(sequence(certIdFor(subjectDer, spki, leaf.serial, "sha1").der))));
    const crlUrl = parseCertificate(derOf(leaf.certificate)).crlUrls[0] ?? "";
    const answer = await fetchPlain(issuer.ocsp_url, {
      method: "POST",
      headers: { "content-type": "application/ocsp-request" },
      body: Buffer.from(question),
    });
    const files = {
      root: derOf(root.certificate),
      issuing,
      leaf: derOf(leaf.certificate),
      crl: (await fetchPlain(crlUrl)).bytes,
      answer: answer.bytes,
    };
    mkdirSync(directory, { recursive: true });
    for (const [file, der] of Object.entries(files)) writeFileSync(at(`${file}.der`), der);
    // Certificate, CRL, answer and the owner's key: all by the one name that the RFCs give.
    expect(await callBouncyCastle("verify", directory)).toBe(
      `${new Array(4).fill(oids[name as "ML-DSA-44"]).join(" ")}\n`,
    );
  },
);
