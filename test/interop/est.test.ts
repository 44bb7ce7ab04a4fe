/** EST clients that we did not write, against a host that really runs: curl with openssl, Bouncy Castle, strongSwan. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { type Finished, run } from "#test/run";
import { eventually, type Host, type Json, startHost } from "#test/e2e/host";
import { keyNames, newCsr, openssl } from "#test/e2e/openssl";
import { expectEnrolled, expectRevoked } from "./enrolled.ts";
import { callEst } from "./tools/bouncycastle-est.ts";

const label = "est-lab";
const by = { protocol: "est", endpoint: label };

let host: Host;
/** PEM of the CA of the host's own TLS certificate. */
let tlsCa: string;
const at = (file: string): string => join(host.directory, file);

beforeAll(async () => {
  host = await startHost();
  tlsCa = at("tls-ca.pem");
  writeFileSync(tlsCa, (JSON.parse(readFileSync(join(host.data, "cli", "profile.json"), "utf8")) as Json).ca);
  const auth = ["secret", "token", "certificate"];
  await host.admin.ok("POST", "/enrolment-endpoints", { label, protocols: ["est"], auth, server_keys: true });
  await host.admin.ok("POST", "/profiles", { name: "p384", spec: { allowed_key_algorithms: ["P-384"] } });
  await host.admin.ok("POST", "/enrolment-endpoints", { label: "est-p384", profile: "p384", auth });
  await host.admin.ok("POST", "/enrolment-endpoints", { label: "est-asks", approval: "manual", auth });
  return () => host.stop();
});

let names = 0;
const newName = (): string => `est-${++names}.example.test`;

async function credential(endpoint = label): Promise<{ readonly id: string; readonly secret: string }> {
  return host.admin.ok("POST", "/enrolment-credentials", { endpoint });
}

/** Those that wait at an endpoint. */
async function approveAll(endpoint: string): Promise<void> {
  const { items }: Json = await host.admin.ok("GET", "/enrolment-requests");
  const waiting = items.filter((item: Json) => item.endpoint === endpoint && item.status === "pending");
  for (const { id } of waiting) await host.admin.ok("POST", `/enrolment-requests/${id}/approve`);
}

/** A request by a new key, in `<file>.der`; the key in `<file>.key`. */
async function request(file: string, name: string, key: (typeof keyNames)[number] = "P-256"): Promise<string> {
  await newCsr(host.directory, file, name, key);
  await openssl("req", "-in", at(`${file}.csr`), "-outform", "DER", "-out", at(`${file}.der`));
  return at(`${file}.der`);
}

const pemOf = (der: Uint8Array): string => `-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----\n`;

const publicKey = (...words: string[]): Promise<string> => openssl(...words);

describe("curl and openssl", () => {
  async function curl(path: string, ...words: string[]): Promise<Buffer> {
    const [url, out] = [
      `${words.includes("--cert") ? host.mtlsUrl : host.apiUrl}/.well-known/est/${path}`,
      at("curl.out"),
    ];
    const said = await run("curl", ["-sS", "--fail-with-body", "--cacert", tlsCa, "-o", out, ...words, url]);
    if (said.code !== 0) throw new Error(said.stderr + readFileSync(out, "utf8"));
    return readFileSync(out);
  }

  async function certificates(answer: Buffer): Promise<Uint8Array[]> {
    writeFileSync(at("answer.b64"), answer);
    await openssl("base64", "-d", "-A", "-in", at("answer.b64"), "-out", at("answer.p7"));
    return pemDecode(await openssl("pkcs7", "-inform", "DER", "-in", at("answer.p7"), "-print_certs"), "CERTIFICATE");
  }

  async function post(operation: string, file: string, ...words: string[]): Promise<Buffer> {
    await openssl("base64", "-in", at(`${file}.der`), "-out", at("request.b64"));
    const body = ["-H", "Content-Type: application/pkcs10", "--data-binary", `@${at("request.b64")}`];
    return curl(operation, ...body, ...words);
  }

  it("cacerts make the path up to the root", async () => {
    for (const path of ["cacerts", `${label}/cacerts`]) {
      const [issuing, root, ...rest] = await certificates(await curl(path));
      expect(rest).toEqual([]);
      writeFileSync(at("root.pem"), pemOf(root ?? new Uint8Array()));
      writeFileSync(at("issuing.pem"), pemOf(issuing ?? new Uint8Array()));
      expect(await openssl("verify", "-CAfile", at("root.pem"), at("issuing.pem"))).toContain("OK");
    }
  });

  it("csrattrs: none, or the kind of key that the profile wants", async () => {
    expect((await curl(`${label}/csrattrs`, "-w", "%{http_code}")).length).toBe(0);
    writeFileSync(at("attributes"), fromBase64((await curl("est-p384/csrattrs")).toString("latin1")));
    const parsed = await openssl("asn1parse", "-inform", "DER", "-in", at("attributes"));
    expect(parsed).toMatch(/OBJECT +:id-ecPublicKey\n.*SET *\n.*OBJECT +:secp384r1/);
  });

  it.each(keyNames)("simpleenroll with a one-time secret, simplereenroll under the certificate: %s", async (key) => {
    const [file, name] = [`curl-${key}`, newName()];
    await request(file, name, key);
    const { id, secret } = await credential();
    const [leaf, ...rest] = await certificates(await post(`${label}/simpleenroll`, file, "-u", `${id}:${secret}`));
    expect(rest).toEqual([]);
    const first = await expectEnrolled(host, leaf ?? new Uint8Array(), { ...by, names: [`dns:${name}`] });

    writeFileSync(at(`${file}.pem`), pemOf(leaf ?? new Uint8Array()));
    await request(`${file}-2`, name, key);
    const tls = ["--cert", at(`${file}.pem`), "--key", at(`${file}.key`)];
    const [renewed] = await certificates(await post(`${label}/simplereenroll`, `${file}-2`, ...tls));
    const second = await expectEnrolled(host, renewed ?? new Uint8Array(), by);
    expect(second.certificate.replaces_id).toBe(first.certificate.id);
    await request(`${file}-3`, newName(), key);
    await expect(post(`${label}/simplereenroll`, `${file}-3`, ...tls)).rejects.toThrow("a renewal has the subject");
    await host.admin.ok("POST", `/certificates/${first.certificate.id}/revoke`, { reason: "superseded" });
    await expectRevoked(host, first, "superseded");
    await expect(post(`${label}/simplereenroll`, `${file}-2`, ...tls)).rejects.toThrow("opens nothing");
  });

  it("simpleenroll with a token", async () => {
    await request("by-token", newName());
    const token = await host.token({ tenant: "default", scopes: ["certs:request"] });
    const bearer = ["-H", `Authorization: Bearer ${token}`];
    const [leaf] = await certificates(await post(`${label}/simpleenroll`, "by-token", ...bearer));
    await expectEnrolled(host, leaf ?? new Uint8Array(), by);
  });

  it("serverkeygen: the key is the certificate's", async () => {
    await request("keygen", newName(), "RSA-2048");
    const { id, secret } = await credential();
    const answer = (await post(`${label}/serverkeygen`, "keygen", "-u", `${id}:${secret}`)).toString("latin1");
    const [, key = "", bag = ""] = answer.split(/--est-server-key\r?\n/).map((part) => part.split("\r\n\r\n")[1] ?? "");
    writeFileSync(at("made.key"), fromBase64(key));
    const [leaf = new Uint8Array()] = await certificates(Buffer.from(bag.split("\r\n")[0] ?? ""));
    writeFileSync(at("made.pem"), pemOf(leaf));
    const ofKey = await publicKey("pkey", "-inform", "DER", "-in", at("made.key"), "-pubout");
    expect(ofKey).toBe(await publicKey("x509", "-in", at("made.pem"), "-noout", "-pubkey"));
    expect(ofKey).not.toBe(await publicKey("req", "-in", at("keygen.csr"), "-noout", "-pubkey"));
    await expectEnrolled(host, leaf, by);
    await expect(post(`${label}/serverkeygen`, "keygen", "-u", `${id}:${secret}`)).rejects.toThrow("shown once");
  });
});

describe("Bouncy Castle", () => {
  const given = (more: Record<string, string> = {}, endpoint = label): Record<string, string> => ({
    server: new URL(more["store"] === undefined ? host.apiUrl : host.mtlsUrl).host,
    label: endpoint,
    ca: tlsCa,
    ...more,
  });
  const ofKind = (lines: readonly string[], kind: string): Uint8Array[] =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => fromBase64(line.slice(kind.length + 1)));
  const basic = async (endpoint = label) => {
    const { id: user, secret: password } = await credential(endpoint);
    return { user, password };
  };

  it("cacerts and csrattrs", async () => {
    expect(ofKind(await callEst("cacerts", given()), "certificate")).toHaveLength(2);
    expect(await callEst("csrattrs", given())).toEqual(["none"]);
    expect(await callEst("csrattrs", given({}, "est-p384"))).toEqual(["asked 1.2.840.10045.2.1"]);
  });

  it("simpleenroll, simplereenroll under the certificate", async () => {
    const name = newName();
    const csr = await request("bc", name);
    const [leaf] = ofKind(await callEst("simpleenroll", given({ csr, ...(await basic()) })), "certificate");
    const first = await expectEnrolled(host, leaf ?? new Uint8Array(), by);
    writeFileSync(at("bc.pem"), pemOf(leaf ?? new Uint8Array()));
    const store = at("bc.p12");
    await openssl(
      ["pkcs12", "-export", "-in", at("bc.pem"), "-inkey", at("bc.key")],
      ["-passout", "pass:x", "-out", store],
    );
    const again = await request("bc-2", name);
    const [renewed] = ofKind(await callEst("simplereenroll", given({ csr: again, store })), "certificate");
    const second = await expectEnrolled(host, renewed ?? new Uint8Array(), by);
    expect(second.certificate.replaces_id).toBe(first.certificate.id);
  });

  it("serverkeygen: the key is the certificate's", async () => {
    const csr = await request("bc-keygen", newName());
    const lines = await callEst("serverkeygen", given({ csr, ...(await basic()) }));
    const [[key = new Uint8Array()], [leaf = new Uint8Array()]] = [ofKind(lines, "key"), ofKind(lines, "certificate")];
    writeFileSync(at("bc-made.key"), key);
    writeFileSync(at("bc-made.pem"), pemOf(leaf));
    const ofKey = await publicKey("pkey", "-inform", "DER", "-in", at("bc-made.key"), "-pubout");
    expect(ofKey).toBe(await publicKey("x509", "-in", at("bc-made.pem"), "-noout", "-pubkey"));
    await expectEnrolled(host, leaf, by);
  });

  it("waits for a person", async () => {
    const asked = given({ csr: await request("bc-asks", newName()), ...(await basic("est-asks")) }, "est-asks");
    expect(await callEst("simpleenroll", asked)).toEqual(["later true"]);
    await approveAll("est-asks");
    const [leaf] = ofKind(await callEst("simpleenroll", asked), "certificate");
    await expectEnrolled(host, leaf ?? new Uint8Array(), { protocol: "est", endpoint: "est-asks" });
  });

  it("is told why not", async () => {
    const csr = await request("bc-refused", newName());
    const wrong = { user: (await credential()).id, password: "wrong" };
    const [said = ""] = await callEst("simpleenroll", given({ csr, ...wrong }));
    expect(said).toMatch(/^refused 401 /);
  });
});

describe("strongSwan, which knows no labels", () => {
  const pki = (...words: string[]): Promise<Finished> => run("pki", words, { cwd: host.directory });
  /** @throws Error with what pki said when it fails */
  async function done(...words: string[]): Promise<void> {
    const { code, stdout, stderr } = await pki(...words);
    if (code !== 0) throw new Error(`pki ${words.join(" ")}: ${code}\n${stdout}${stderr}`);
  }

  const trusted: string[] = [];
  it("pki --estca", async () => {
    await done("--estca", "--url", host.apiUrl, "--cacert", tlsCa, "--caout", at("sw-ca.pem"), "--outform", "pem");
    const files = readdirSync(host.directory).filter((file) => /^sw-ca(-\d+)?\.pem$/.test(file));
    expect(files).toHaveLength(2);
    trusted.push(...[tlsCa, ...files.map(at)].flatMap((file) => ["--cacert", file]));
  });

  async function enrol(url: string, csr: string, out: string, ...words: string[]): Promise<Uint8Array> {
    const asked = ["--est", "--url", url, "--in", csr, ...trusted, "--outform", "pem", ...words];
    const { code, stdout, stderr } = await pki(...asked);
    if (code !== 0) throw new Error(`pki ${asked.join(" ")}: ${code}\n${stderr}`);
    writeFileSync(at(out), stdout);
    const [leaf = new Uint8Array()] = pemDecode(stdout, "CERTIFICATE");
    return leaf;
  }
  const user = ({ id, secret }: { readonly id: string; readonly secret: string }) => ["--userpass", `${id}:${secret}`];
  const byDefault = { protocol: "est", endpoint: "default" };

  it.each(["P-256", "RSA-2048"] as const)("pki --est enrols and renews: %s", async (key) => {
    const name = newName();
    const csr = await request(`sw-${key}`, name, key);
    const leaf = await enrol(host.apiUrl, csr, `sw-${key}.pem`, ...user(await credential("default")));
    const first = await expectEnrolled(host, leaf, { ...byDefault, names: [`dns:${name}`] });
    const again = await request(`sw-${key}-2`, name, key);
    const old = ["--cert", at(`sw-${key}.pem`), "--key", at(`sw-${key}.key`)];
    const renewed = await enrol(host.mtlsUrl, again, `sw-${key}-2.pem`, ...old);
    expect(parseCertificate(renewed).serialHex).not.toBe(parseCertificate(leaf).serialHex);
    const second = await expectEnrolled(host, renewed, byDefault);
    expect(second.certificate.replaces_id).toBe(first.certificate.id);
  });

  it("pki --est polls until a person has approved", async () => {
    const { auth }: Json = await host.admin.ok("GET", "/enrolment-endpoints/default");
    const put = (approval: string) =>
      host.admin.ok("PATCH", "/enrolment-endpoints/default", { auth, approval, default: true });
    const waiting = async () =>
      (await host.admin.ok("GET", "/enrolment-endpoints/default")).pending_requests === 1 ? true : undefined;
    await put("manual");
    const csr = await request("sw-asks", newName());
    const polling = enrol(host.apiUrl, csr, "sw-asks.pem", ...user(await credential("default")), "--interval", "1");
    await Promise.race([polling, eventually("a request that waits", waiting)]);
    await approveAll("default");
    await expectEnrolled(host, await polling, byDefault);
    await put("automatic");
  });
});
