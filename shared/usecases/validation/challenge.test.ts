/** Domain control validation end to end: our resolver and egress against DNS, HTTP and TLS servers on loopback. */
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { directEgress } from "#shared/adapters/local/egress";
import { systemResolver } from "#shared/adapters/local/resolver";
import { sha256 } from "#shared/crypto/hash";
import { base64url, concat } from "#shared/kernel/bytes";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { extension, subjectAltName } from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { commonName, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { pemEncode } from "#shared/pki/pem";
import { type DnsServer, startDnsServer } from "#test/dns/server";
import { pkcs8Pem, signed, testKey } from "#test/vectors/x509";
import { type ChallengeType, type Identifier, methodsFor, type Validation, validateChallenge } from "./challenge.ts";
import { serverNameOf } from "./tls-alpn-01.ts";

const token = "DGyRejmCefe7v4NfDGDKfA";
const keyAuthorization = `${token}.nP1qzpXGymHBrUEepNY9HCsQk7K8KhOypzEt62jcerQ`;
const www: Identifier = { type: "dns", value: "www.test" };

let dns: DnsServer;
const servers: (Server | TlsServer)[] = [];
beforeAll(async () => {
  dns = await startDnsServer();
  dns.set(www.value, "A", "127.0.0.1");
});
afterAll(() => dns.stop());
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server | TlsServer, host = "127.0.0.1"): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

interface World {
  readonly http?: number;
  readonly tls?: number;
  readonly optedIn?: boolean;
}

function validate(type: ChallengeType, identifier: Identifier, world: World = {}): Promise<Validation> {
  const resolver = systemResolver({ servers: [dns.address] });
  const deps = {
    resolver,
    egress: directEgress({ resolver, cidrs: ["127.0.0.0/8", "::1/128"] }),
    validation: { ports: { http: world.http ?? 1, tls: world.tls ?? 1 }, caaIdentities: [] },
  };
  return validateChallenge(deps, { type, identifier, token, keyAuthorization }, world.optedIn ?? true);
}

describe("methodsFor", () => {
  it("offers what can prove the identifier (RFC 8555 7.1.3, RFC 8737 1, RFC 8738 7)", () => {
    expect(methodsFor(www, false)).toEqual(["http-01", "dns-01", "tls-alpn-01"]);
    expect(methodsFor(www, true)).toEqual(["dns-01"]);
    expect(methodsFor({ type: "ip", value: "192.0.2.1" }, false)).toEqual(["http-01", "tls-alpn-01"]);
  });

  it("validates by no other", () => {
    expect(() => validate("dns-01", { type: "ip", value: "192.0.2.1" })).toThrow(TypeError);
  });
});

describe("http-01 (RFC 8555 8.3)", () => {
  const serve = (listener: RequestListener, host?: string) => listen(createHttpServer(listener), host);
  const answer =
    (body: string | Buffer, status = 200): RequestListener =>
    (_request, response) =>
      response.writeHead(status).end(body);

  it("asks for the token under the name, and takes the key authorization with white space at its end", async () => {
    const asked: string[] = [];
    const http = await serve((request, response) => {
      asked.push(`${request.method} ${request.headers.host} ${request.url}`);
      response.end(`${keyAuthorization}\r\n\t `);
    });
    expect(await validate("http-01", www, { http })).toMatchObject({ valid: true });
    expect(asked).toEqual([`GET www.test:${http} /.well-known/acme-challenge/${token}`]);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
  ])("of the address %s has it as Host (RFC 8738 4)", async (value, host) => {
    let seen = "";
    const http = await serve((request, response) => {
      seen = request.headers.host ?? "";
      response.end(keyAuthorization);
    }, value);
    expect(await validate("http-01", { type: "ip", value }, { http })).toMatchObject({ valid: true });
    expect(seen).toBe(`${host}:${http}`);
  });

  it("follows a redirect to HTTPS, whatever certificate is there, and to no other port", async () => {
    const cert = pemEncode("CERTIFICATE", selfSigned(key, [{ type: "dns", value: "other.test" }]));
    const tls = await listen(createHttpsServer({ key: pkcs8Pem(key), cert }, answer(keyAuthorization)));
    const http = await serve((_request, response) =>
      response.writeHead(301, { location: `https://www.test:${tls}/elsewhere` }).end(),
    );
    expect(await validate("http-01", www, { http, tls })).toMatchObject({
      valid: true,
      evidence: `https://www.test:${tls}/elsewhere (127.0.0.1)`,
    });
    expect(await validate("http-01", www, { http })).toMatchObject({
      valid: false,
      problem: "connection",
      transient: false,
    });
  });

  it("quotes no page: neither at the token's own URL, nor where a redirect led", async () => {
    const http = await serve((request, response) =>
      request.url === "/secret" || request.headers.host?.startsWith("127.") === true
        ? response.end("the password is x")
        : response.writeHead(302, { location: `/secret#/.well-known/acme-challenge/${token}` }).end(),
    );
    for (const identifier of [www, { type: "ip", value: "127.0.0.1" } as const])
      expect(await validate("http-01", identifier, { http })).toMatchObject({
        valid: false,
        detail: expect.stringMatching(/got 17 octets that are no key authorization$/),
      });
    const other = await serve(answer(`${token}.other`));
    expect(await validate("http-01", www, { http: other })).toMatchObject({
      detail: expect.stringContaining(`got "${token}.other"`),
    });
  });

  it.each([
    ["another key authorization", answer(`${token}.LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ`), false],
    ["a prefix of it", answer(keyAuthorization.slice(0, -1)), false],
    ["white space before it", answer(` ${keyAuthorization}`), false],
    ["more after it", answer(`${keyAuthorization}\nx`), false],
    ["a page of 4,097 octets", answer(keyAuthorization.padEnd(4_097)), false],
    ["nothing", answer(""), false],
    ["octets that are no text", answer(Buffer.from([0xff, 0xfe, 0x00])), false],
    ["status 404", answer(keyAuthorization, 404), true],
    ["status 503", answer(keyAuthorization, 503), true],
    ["status 403", answer(keyAuthorization, 403), false],
    ["status 201", answer(keyAuthorization, 201), false],
    ["a redirect without a place", answer(keyAuthorization, 302), false],
  ])("refuses %s", async (_what, listener, transient) => {
    const http = await serve(listener);
    expect(await validate("http-01", www, { http })).toMatchObject({
      valid: false,
      problem: "incorrectResponse",
      transient,
    });
  });

  it.each(["0x7f000001", "127.0x1", "www.0x7f"])("does not take %s for what a URL makes of it", async (value) => {
    dns.set(value, "A", "127.0.0.1");
    let asked = 0;
    const http = await serve((_request, response) => {
      asked++;
      response.end(keyAuthorization);
    });
    expect(await validate("http-01", { type: "dns", value }, { http })).toMatchObject({
      valid: false,
      detail: expect.stringContaining("dns-01"),
    });
    expect(asked).toBe(0);
  });

  it("says whether DNS or the connection is at fault", async () => {
    const http = await serve(answer(keyAuthorization));
    const nowhere = await validate("http-01", { type: "dns", value: "nowhere.test" }, { http });
    expect(nowhere).toMatchObject({ valid: false, problem: "dns", transient: true });
    expect(await validate("http-01", www)).toMatchObject({ valid: false, problem: "connection", transient: true });
    const refused = await validate("http-01", www, { http, optedIn: false });
    expect(refused).toMatchObject({ valid: false, problem: "connection", transient: false });
  });
});

describe("dns-01 (RFC 8555 8.4)", () => {
  const expected = base64url(sha256(keyAuthorization));
  const identifier = (value: string): Identifier => ({ type: "dns", value });

  it("takes one record of several, along CNAMEs", async () => {
    dns.set("_acme-challenge.a.test", "TXT", "another", expected, "v=spf1");
    dns.set("_acme-challenge.b.test", "CNAME", "b.challenges.test");
    dns.set("b.challenges.test", "TXT", expected);
    expect(await validate("dns-01", identifier("a.test"))).toMatchObject({ valid: true });
    expect(await validate("dns-01", identifier("b.test"))).toMatchObject({ valid: true });
  });

  it("finds it among so many that UDP does not hold them", async () => {
    dns.set("_acme-challenge.many.test", "TXT", ...Array.from({ length: 40 }, (_, at) => `${at}`.padEnd(43)), expected);
    expect(await validate("dns-01", identifier("many.test"))).toMatchObject({ valid: true });
  });

  it.each([
    ["another value", base64url(sha256("x")), "incorrectResponse"],
    ["the value in quotes", `"${expected}"`, "incorrectResponse"],
    ["the key authorization itself", keyAuthorization, "incorrectResponse"],
    ["the value with padding", `${expected}=`, "incorrectResponse"],
  ])("refuses %s, and says what is there", async (_what, value, problem) => {
    dns.set("_acme-challenge.w.test", "TXT", value);
    expect(await validate("dns-01", identifier("w.test"))).toMatchObject({
      valid: false,
      problem,
      transient: true,
      detail: expect.stringMatching(new RegExp(` has .*expected TXT ${expected}$`)),
    });
  });

  it("says another digest, and of what else is there only how long it is", async () => {
    const other = base64url(sha256("x"));
    dns.set("_acme-challenge.said.test", "TXT", "internal secret", other);
    const result = await validate("dns-01", identifier("said.test"));
    expect(result).toMatchObject({ detail: expect.stringContaining(`15 characters that are no digest, "${other}"`) });
    expect(JSON.stringify(result)).not.toContain("internal");
  });

  it("tells no record, no name and no answer apart", async () => {
    dns.set("_acme-challenge.c.test", "A", "192.0.2.1");
    dns.fail("_acme-challenge.d.test", "SERVFAIL");
    const detailOf = async (value: string) => {
      const result = await validate("dns-01", identifier(value));
      expect(result).toMatchObject({ valid: false, problem: "dns", transient: true });
      return result.valid ? "" : result.detail;
    };
    expect(await detailOf("c.test")).toContain("has no TXT record");
    expect(await detailOf("gone.test")).toContain("NXDOMAIN");
    expect(await detailOf("d.test")).toContain("SERVFAIL");
  });

  it("does not look at the name itself, nor at a wildcard of it", async () => {
    dns.set("e.test", "TXT", expected);
    dns.set("*.e.test", "TXT", expected);
    expect(await validate("dns-01", identifier("e.test"))).toMatchObject({ valid: false });
  });
});

const key = testKey();

function selfSigned(by = key, sans: readonly GeneralName[] = [], more: readonly Uint8Array[] = [], issuer = "acme") {
  const tbs = buildTbsCertificate({
    serial: Uint8Array.of(1),
    signatureAlgorithm: by.algorithm,
    issuerNameDer: nameDer(commonName(issuer)),
    subjectNameDer: nameDer(commonName("acme")),
    notBeforeMs: Date.UTC(2026, 0, 1),
    notAfterMs: Date.UTC(2030, 0, 1),
    spki: key.spki,
    extensions: [...(sans.length > 0 ? [subjectAltName(sans)] : []), ...more],
  });
  return signed(by, tbs);
}

describe("tls-alpn-01 (RFC 8737)", () => {
  const authorization = (text: string): Uint8Array => concat(Uint8Array.of(4, 32), sha256(text));
  const identifies = (critical = true, value = authorization(keyAuthorization)): Uint8Array =>
    extension(oids.acmeIdentifier, critical, value);
  const name: GeneralName = { type: "dns", value: www.value };

  interface Shown {
    readonly certificate: Uint8Array;
    readonly protocols?: string[] | undefined;
    readonly host?: string;
  }
  const asked: string[] = [];
  async function show({ certificate, protocols = ["acme-tls/1"], host }: Shown): Promise<number> {
    const options = { key: pkcs8Pem(key), cert: pemEncode("CERTIFICATE", certificate), ALPNProtocols: protocols };
    const SNICallback = (serverName: string, done: (error: null) => void): void => {
      asked.push(serverName);
      done(null);
    };
    const server = createTlsServer({ ...options, SNICallback }, (socket) => socket.on("error", () => undefined));
    return listen(server, host);
  }
  const genuine = (identifier: GeneralName = name) => selfSigned(key, [identifier], [identifies()]);

  it("takes a self-signed certificate for just the name, asked for by SNI", async () => {
    const tls = await show({ certificate: genuine() });
    expect(await validate("tls-alpn-01", www, { tls })).toMatchObject({ valid: true });
    expect(asked.splice(0)).toEqual(["www.test"]);
  });

  it.each(["127.0.0.1", "::1"])("asks for the reverse name of %s (RFC 8738 6)", async (value) => {
    const tls = await show({ certificate: genuine({ type: "ip", value }), host: value });
    expect(await validate("tls-alpn-01", { type: "ip", value }, { tls })).toMatchObject({ valid: true });
    expect(asked.splice(0)).toEqual([serverNameOf({ type: "ip", value })]);
  });

  it("names the examples of RFC 8738 6 as it does", () => {
    expect(serverNameOf({ type: "ip", value: "192.0.2.1" })).toBe("1.2.0.192.in-addr.arpa");
    expect(serverNameOf({ type: "ip", value: "2001:db8::1" })).toBe(
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    );
  });

  const other = testKey();
  it.each([
    ["no acmeIdentifier", selfSigned(key, [name])],
    ["an acmeIdentifier that is not critical", selfSigned(key, [name], [identifies(false)])],
    ["an acmeIdentifier for another key", selfSigned(key, [name], [identifies(true, authorization("x"))])],
    ["a bare digest", selfSigned(key, [name], [identifies(true, sha256(keyAuthorization))])],
    [
      "a digest with more after it",
      selfSigned(key, [name], [identifies(true, concat(authorization(keyAuthorization), Uint8Array.of(5, 0)))]),
    ],
    ["a second name", selfSigned(key, [name, { type: "dns", value: "b.test" }], [identifies()])],
    ["the name twice", selfSigned(key, [name, name], [identifies()])],
    ["another name", selfSigned(key, [{ type: "dns", value: "b.test" }], [identifies()])],
    ["a wildcard", selfSigned(key, [{ type: "dns", value: "*.test" }], [identifies()])],
    ["the name as a URI", selfSigned(key, [{ type: "uri", value: "dns:www.test" }], [identifies()])],
    ["no name", selfSigned(key, [], [identifies()])],
    ["an issuer that is another", selfSigned(key, [name], [identifies()], "CA")],
    ["a signature by another key", selfSigned(other, [name], [identifies()])],
  ])("refuses a certificate with %s", async (_what, certificate) => {
    const tls = await show({ certificate });
    expect(await validate("tls-alpn-01", www, { tls })).toMatchObject({ valid: false, problem: "incorrectResponse" });
  });

  it("refuses a server that speaks no acme-tls/1, or no TLS at all", async () => {
    const certificate = genuine();
    for (const protocols of [["h2", "http/1.1"], []])
      expect(await validate("tls-alpn-01", www, { tls: await show({ certificate, protocols }) })).toMatchObject({
        valid: false,
        problem: "tls",
      });
    const plain = await listen(createHttpServer((_request, response) => response.end()));
    expect(await validate("tls-alpn-01", www, { tls: plain })).toMatchObject({ valid: false, problem: "tls" });
    expect(await validate("tls-alpn-01", www)).toMatchObject({ valid: false, problem: "connection" });
  });
});
