/** GlobalSign's EST client, written in Go, against a host that really runs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { pemDecode } from "#shared/pki/pem";
import { succeed } from "#test/run";
import { type Host, type Json, startHost } from "#test/e2e/host";
import { newCsr, openssl } from "#test/e2e/openssl";
import { expectEnrolled } from "./enrolled.ts";
import { estclientProgram } from "./tools/estclient.ts";

const label = "est-go";
const by = { protocol: "est", endpoint: label };

let host: Host;
let tlsCa: string;
const at = (file: string): string => join(host.directory, file);

beforeAll(async () => {
  host = await startHost();
  tlsCa = at("tls-ca.pem");
  writeFileSync(tlsCa, (JSON.parse(readFileSync(join(host.data, "cli", "profile.json"), "utf8")) as Json).ca);
  const auth = ["secret", "certificate"];
  await host.admin.ok("POST", "/enrolment-endpoints", { label, protocols: ["est"], auth, server_keys: true });
  await host.admin.ok("POST", "/profiles", { name: "p384", spec: { allowed_key_algorithms: ["P-384"] } });
  await host.admin.ok("POST", "/enrolment-endpoints", { label: "est-go-p384", profile: "p384", auth });
  return () => host.stop();
});

/** @returns what it printed */
const estclient = (command: string, url: string, ...words: string[]): Promise<string> =>
  succeed(estclientProgram(), [command, "-server", new URL(url).host, "-explicit", tlsCa, "-aps", label, ...words]);

async function basic(): Promise<string[]> {
  const { id, secret }: Json = await host.admin.ok("POST", "/enrolment-credentials", { endpoint: label });
  return ["-user", id, "-pass", secret];
}

const leafIn = (file: string): Uint8Array =>
  pemDecode(readFileSync(at(file), "utf8"), "CERTIFICATE")[0] ?? new Uint8Array();

it("cacerts and csrattrs", async () => {
  expect(pemDecode(await estclient("cacerts", host.apiUrl), "CERTIFICATE")).toHaveLength(2);
  expect(await estclient("csrattrs", host.apiUrl, "-aps", "est-go-p384")).toContain("1.2.840.10045.2.1");
});

it.each(["P-256", "RSA-2048"] as const)("enroll, and reenroll under the certificate: %s", async (key) => {
  const name = `go-${key.toLowerCase()}.example.test`;
  await newCsr(host.directory, key, name, key);
  const first = ["-csr", at(`${key}.csr`), "-out", at(`${key}.pem`)];
  await estclient("enroll", host.apiUrl, ...first, ...(await basic()));
  const { certificate } = await expectEnrolled(host, leafIn(`${key}.pem`), { ...by, names: [`dns:${name}`] });
  // Without a request of its own it makes one with the same key, subject and names.
  const old = ["-certs", at(`${key}.pem`), "-key", at(`${key}.key`)];
  await estclient("reenroll", host.mtlsUrl, ...old, "-out", at(`${key}-2.pem`));
  const renewed = await expectEnrolled(host, leafIn(`${key}-2.pem`), { ...by, names: [`dns:${name}`] });
  expect(renewed.certificate.replaces_id).toBe(certificate.id);
});

it("serverkeygen: the key is the certificate's", async () => {
  await newCsr(host.directory, "made", "go-made.example.test", "P-256");
  const files = ["-csr", at("made.csr"), "-out", at("made.pem"), "-keyout", at("server-made.key")];
  await estclient("serverkeygen", host.apiUrl, ...files, ...(await basic()));
  const ofKey = await openssl("pkey", "-in", at("server-made.key"), "-pubout");
  expect(ofKey).toBe(await openssl("x509", "-in", at("made.pem"), "-noout", "-pubkey"));
  expect(ofKey).not.toBe(await openssl("req", "-in", at("made.csr"), "-noout", "-pubkey"));
  await expectEnrolled(host, leafIn("made.pem"), by);
});

it("is told why not", async () => {
  await newCsr(host.directory, "refused", "go-refused.example.test", "P-256");
  const [user = "", id = ""] = await basic();
  await expect(estclient("enroll", host.apiUrl, "-csr", at("refused.csr"), user, id, "-pass", "wrong")).rejects.toThrow(
    "the enrolment credential is unknown, wrong, expired",
  );
});
