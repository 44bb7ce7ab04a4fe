import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { operations } from "#shared/contracts/operations";
import { type Answer, eventually, fetchPlain, type Host, type Json, startHost } from "./host.ts";
import {
  type Bundle,
  bundleFiles,
  newCsr,
  ocspArguments,
  ocspStatus,
  openssl,
  urlsIn,
  verifyChain,
} from "./openssl.ts";

let host: Host;
let bundle: Bundle;
let certificate: Json;
let ocsp: string;
beforeAll(async () => {
  host = await startHost();
  bundle = await issue(host, "leaf");
  ({ ocsp } = await urlsIn(bundle.leaf));
});

async function issue(at: Host, file: string, more: object = {}): Promise<Bundle> {
  const csr = await newCsr(at.directory, file, "app.example.test");
  certificate = await at.admin.ok("POST", "/certificates", { csr, ...more });
  const root = await at.admin.ok("GET", "/issuers/root");
  return bundleFiles(at.directory, file, [certificate.certificate, ...certificate.chain].join(""), root.certificate);
}

async function requestFor(...words: string[]): Promise<Buffer> {
  const file = join(host.directory, "request.der");
  await openssl("ocsp", "-issuer", bundle.issuer, ...words, "-reqout", file);
  return readFileSync(file);
}

const type = { "content-type": "application/ocsp-request" };
const post = (body: Buffer | string, headers: Readonly<Record<string, string>> = type): Promise<Answer> =>
  fetchPlain(ocsp, { method: "POST", headers, body });

/** OCSPResponse with nothing but a status (RFC 6960 4.2.1). */
const bare = { malformedRequest: "30030a0101", unauthorized: "30030a0106" } as const;

describe("the plain listener", () => {
  it("serves OCSP, CRLs and CA certificates, and nothing else", async () => {
    const issuer = ocsp.split("/").at(-1) ?? "";
    const nobody = "a".repeat(20);
    const paths = [
      operations.map(({ path }) => `/api/v1${path.replace(/\{\w+\}/g, certificate.id)}`),
      ["/", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/admin/tokens", "/admin/tenants"],
      ["/ocsp", "/ocsp/", "/ocsp/nobody/MA==", `/ocsp/${nobody}/MA==`],
      ["/crl", `/crl/${issuer}`, `/crl/${issuer}/`, `/crl/${issuer}/1.crl`, `/crl/${issuer}/00000.crl`],
      [`/crl/${issuer}/0`, `/crl/${issuer}/0.crl.bak`, `/crl/${issuer.toUpperCase()}/0.crl`],
      ["/crl/../host/store.db", "/crl/%2e%2e/0.crl", "/ca/..%2fkek.cer", "/ca", "/ca/.cer"],
      [`/ca/${issuer}`, `/ca/${issuer}.crt`, `/ca/${nobody}.cer`],
    ].flat();
    for (const path of paths)
      for (const method of ["GET", "DELETE"]) {
        const answer = await fetchPlain(new URL(path, host.revocationUrl).href, {
          method,
          headers: { authorization: `Bearer ${host.adminToken}` },
        });
        expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(404);
        expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
      }
    for (const url of [`${host.revocationUrl}/ca/${issuer}.cer`, `${host.revocationUrl}/crl/${issuer}/0.crl`])
      for (const method of ["POST", "PUT", "DELETE"]) expect((await fetchPlain(url, { method })).status).toBe(404);
  });
});

describe("OCSP", () => {
  it.each([
    ["garbage", Buffer.from("no request")],
    ["nothing", Buffer.alloc(0)],
    ["an empty sequence", Buffer.from("3000", "hex")],
    ["an indefinite length", Buffer.from("3080308030800000", "hex")],
    ["a length beyond the end", Buffer.from("30848fffffff", "hex")],
    ["nesting without end", Buffer.from("30".repeat(4000), "hex")],
  ])("answers malformedRequest to %s, by POST and by GET", async (_, body) => {
    const posted = await post(body);
    expect([posted.status, posted.headers["content-type"]]).toEqual([400, "application/ocsp-response"]);
    expect(posted.bytes.toString("hex")).toBe(bare.malformedRequest);
    if (body.length === 0) return;
    const got = await fetchPlain(`${ocsp}/${encodeURIComponent(body.toString("base64"))}`);
    expect(got.bytes.toString("hex")).toBe(bare.malformedRequest);
  });

  it("answers malformedRequest to every truncation of a request, and to trailing bytes", async () => {
    const request = await requestFor("-cert", bundle.leaf);
    const cut = Array.from({ length: request.length - 1 }, (_, length) => request.subarray(0, length + 1));
    for (const body of [...cut, Buffer.concat([request, Buffer.from([0])])]) {
      const answer = await post(body);
      expect(answer.bytes.toString("hex"), body.toString("hex")).toBe(bare.malformedRequest);
    }
    expect((await post(request)).status).toBe(200);
  });

  it("refuses what is too large, by its length and without one", async () => {
    expect((await post(Buffer.alloc(17 * 1024, 0x30))).status).toBe(413);
    const chunked = await post(Buffer.alloc(64 * 1024, 0x30), { ...type, "transfer-encoding": "chunked" });
    expect(chunked.status).toBe(413);
    expect([400, 414, 431]).toContain((await fetchPlain(`${ocsp}/${"A".repeat(15_000)}`)).status);
    for (const length of [60_000, 2_000_000])
      expect((await fetchPlain(`${ocsp}/${"A".repeat(length)}`)).status, "no reset before the answer").toBe(431);
    expect((await fetchPlain(`${ocsp}/%ff`)).status).toBe(400);
  });

  it("wants its content type", async () => {
    const request = await requestFor("-cert", bundle.leaf);
    for (const headers of [{}, { "content-type": "application/json" }, { "content-type": "application/ocsp-response" }])
      expect((await post(request, headers)).status).toBe(415);
    expect((await post(request, { "content-type": "Application/OCSP-Request; x=y" })).status).toBe(200);
  });

  it("answers a signed unknown to a serial that nobody issued", async () => {
    const request = await requestFor("-serial", "0x123456789abcdef0", "-no_nonce");
    const response = join(host.directory, "response.der");
    writeFileSync(response, (await post(request)).bytes);
    const read = await openssl(
      ["ocsp", "-issuer", bundle.issuer, "-serial", "0x123456789abcdef0", "-CAfile", bundle.root],
      ["-verify_other", bundle.issuer, "-respin", response],
    );
    expect(read).toContain("Response verify OK");
    expect(read).toContain("0x123456789abcdef0: unknown");
  });

  it("answers unauthorized to a question about another issuer's certificate", async () => {
    const other = await host.admin.ok("POST", "/issuers", { name: "Other CA" });
    const foreign = await issue(host, "foreign", { issuer_id: other.id });
    const file = join(host.directory, "foreign.der");
    await openssl("ocsp", "-issuer", foreign.issuer, "-cert", foreign.leaf, "-reqout", file);
    const answer = await post(readFileSync(file));
    expect([answer.status, answer.bytes.toString("hex")]).toEqual([200, bare.unauthorized]);
  });

  it("answers several questions at once, each by itself, and refuses too many", async () => {
    const second = await issue(host, "second");
    await host.admin.ok("POST", `/certificates/${certificate.id}/revoke`, { reason: "keyCompromise" });
    const words = [...ocspArguments(bundle), "-cert", second.leaf, "-url", ocsp];
    const read = await openssl(...words);
    expect(read).toContain(`${bundle.leaf}: good`);
    expect(read).toContain(`${second.leaf}: revoked`);
    const many = await requestFor(...Array.from({ length: 11 }, () => ["-cert", bundle.leaf]).flat());
    expect((await post(many)).bytes.toString("hex")).toBe(bare.malformedRequest);
  });

  it("answers from its memory what it was asked before, until the answer changes", async () => {
    const leaf = await issue(host, "cached");
    const url = `${ocsp}/${encodeURIComponent((await requestForLeaf(leaf)).toString("base64"))}`;
    const [first, again] = [await fetchPlain(url), await fetchPlain(url)];
    expect(again.bytes.equals(first.bytes)).toBe(true);
    await host.admin.ok("POST", `/certificates/${certificate.id}/revoke`, { reason: "superseded" });
    expect((await fetchPlain(url)).bytes.equals(first.bytes)).toBe(false);
    expect(await ocspStatus(leaf, "-no_nonce")).toBe("revoked superseded");
  });
});

const requestForLeaf = ({ leaf }: Bundle): Promise<Buffer> => requestFor("-cert", leaf, "-no_nonce");

describe("the API listener", () => {
  it.each([
    { host: "evil.example" },
    { host: "localhost.evil.example" },
    { host: "192.0.2.1" },
    { origin: "https://evil.example" },
    { origin: "http://localhost.evil.example" },
    { origin: "null" },
  ])("refuses %j: 421", async (headers: Readonly<Record<string, string>>) => {
    for (const path of ["//api/v1/owners", "//healthz", "//metrics", "//api/v1/openapi.json", "//nowhere"]) {
      const answer = await host.admin.send("GET", path, { headers });
      expect([answer.status, answer.json?.code], `${path} ${answer.text}`).toEqual([421, "host_refused"]);
    }
  });

  it.each([
    { host: "localhost" },
    { host: "LOCALHOST:1234" },
    { host: "127.0.0.1" },
    { origin: "https://localhost:1" },
  ])("answers %j", async (headers: Readonly<Record<string, string>>) => {
    expect((await host.admin.send("GET", "/owners", { headers })).status).toBe(200);
  });
});

describe("when the ports change", () => {
  it("the URLs in older certificates still resolve, and what they say stays true", async () => {
    const { directory, revocationUrl } = host;
    expect(await host.interrupt()).toBe(0);
    host = await startHost({ directory });
    expect(host.revocationUrl).not.toBe(revocationUrl);
    expect(ocsp.startsWith(revocationUrl)).toBe(true);
    expect(await ocspStatus(bundle)).toBe("good");
    const { caIssuers, crl } = await urlsIn(bundle.leaf);
    expect((await fetchPlain(caIssuers)).status).toBe(200);
    const { items } = await host.admin.ok("GET", "/certificates?limit=100");
    const serial = (await openssl("x509", "-in", bundle.leaf, "-noout", "-serial")).trim().replace("serial=", "");
    const { id } = items.find((item: Json) => item.serial === serial.toLowerCase());
    await host.admin.ok("POST", `/certificates/${id}/revoke`, { reason: "keyCompromise" });
    expect(await ocspStatus(bundle)).toBe("revoked keyCompromise");
    const pem = await eventually("the serial on the CRL", async () => {
      writeFileSync(`${bundle.leaf}.crl`, (await fetchPlain(crl)).bytes);
      const text = await openssl("crl", "-inform", "DER", "-in", `${bundle.leaf}.crl`, "-text");
      return text.includes(`Serial Number: ${serial}`) ? text : undefined;
    });
    writeFileSync(`${bundle.leaf}.crl`, pem);
    const refused = await verifyChain(bundle, "-crl_check", "-CRLfile", `${bundle.leaf}.crl`);
    expect(refused.stderr).toContain("certificate revoked");
    // A leaf of the old issuer carries its old URLs, and they serve it.
    const leaf = await issue(host, "after");
    expect((await urlsIn(leaf.leaf)).ocsp).toBe(ocsp);
    expect(await ocspStatus(leaf)).toBe("good");
    expect(await host.interrupt()).toBe(0);
  });
});
