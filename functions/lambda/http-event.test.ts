import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { base64, utf8 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { answered, type HttpEvent, received, type Site } from "./http-event.ts";
import { restEvent, httpEvent, type Asked } from "#test/aws/events";

const site: Site = { origin: "https://pki.example.com", originLocked: false };
const kinds: readonly (readonly [name: string, make: (asked: Asked) => HttpEvent])[] = [
  ["REST, payload 1.0", restEvent],
  ["HTTP, payload 2.0", httpEvent],
];

const everyByte = Uint8Array.from({ length: 256 }, (_, n) => n);
const binaryTypes = [
  "application/pkcs10",
  "application/pkix-cert",
  "application/x-pki-message",
  "application/pkixcmp",
  "application/ocsp-request",
  "application/ocsp-response",
  "application/pkcs7-mime; smime-type=certs-only",
  "multipart/mixed; boundary=x",
  "image/png",
];
const textTypes = [
  "application/json",
  "application/problem+json",
  "application/jose+json",
  "application/pem-certificate-chain",
  "text/plain; charset=utf-8",
];

describe.each(kinds)("%s", (_, make) => {
  test.each([...binaryTypes, ...textTypes])("a body of %s comes in byte for byte", async (type) => {
    const event = make({ method: "POST", path: "/x", headers: { "content-type": [type] }, body: everyByte });
    const { request } = received(event, site);
    expect(new Uint8Array(await request.arrayBuffer())).toEqual(everyByte);
    expect(request.headers.get("content-type")).toBe(type);
    expect(request.headers.get("content-length")).toBe("256");
  });

  test.each(binaryTypes)("a body of %s goes out byte for byte", async (type) => {
    const response = new Response(everyByte, { headers: { "content-type": type } });
    const result = await answered(make({ method: "GET", path: "/x" }), response);
    expect(result.isBase64Encoded).toBe(true);
    expect(result.body).toBe(base64(everyByte));
  });

  test.each(textTypes)("a body of %s goes out as text", async (type) => {
    const text = '{"name":"Zoë"}\n';
    const response = new Response(text, { headers: { "content-type": type } });
    const result = await answered(make({ method: "GET", path: "/x" }), response);
    expect(result).toMatchObject({ isBase64Encoded: false, body: text });
  });

  test("text that is not base64 comes in as it is, and no body as none", async () => {
    const event = make({ method: "POST", path: "/x", body: utf8("Zoë"), asText: true });
    expect(await received(event, site).request.text()).toBe("Zoë");
    const { request } = received(make({ method: "POST", path: "/x" }), site);
    expect(request.body).toBeNull();
  });

  test("fields of one name, cookies, and each cookie apart on the way back", async () => {
    const headers = { "x-many": ["a", "b"], cookie: ["s=1; t=2"] };
    const { request } = received(make({ method: "GET", path: "/x", headers }), site);
    expect(request.headers.get("x-many")?.replaceAll(" ", "")).toBe("a,b");
    expect(request.headers.get("cookie")).toBe("s=1; t=2");
    const response = new Response(null, { status: 204 });
    response.headers.append("set-cookie", "a=1; Path=/");
    response.headers.append("set-cookie", "b=2; Expires=Thu, 26 Nov 2026 00:00:00 GMT");
    response.headers.set("link", '<a>;rel="up", <b>;rel="index"');
    const result = await answered(make({ method: "GET", path: "/x" }), response);
    const cookies = ["a=1; Path=/", "b=2; Expires=Thu, 26 Nov 2026 00:00:00 GMT"];
    expect("multiValueHeaders" in result ? result.multiValueHeaders?.["set-cookie"] : result.cookies).toEqual(cookies);
    expect(JSON.stringify(result)).toContain('<a>;rel=\\"up\\", <b>;rel=\\"index\\"');
    expect(result.statusCode).toBe(204);
  });

  test.each([
    ["/ocsp/abc/MEQwQjBAMD4wPDAJBgUrDgMCGgUABBQ+/=", "/ocsp/abc/MEQwQjBAMD4wPDAJBgUrDgMCGgUABBQ+/="],
    ["/ocsp/abc/MEQ%2BA%3D", "/ocsp/abc/MEQ%2BA%3D"],
    ["/a b/ü", "/a%20b/%C3%BC"],
    ["/100%/x", "/100%25/x"],
    ["/a?b#c", "/a%3Fb%23c"],
    ["/\ud800", "/%EF%BF%BD"],
    ["/", "/"],
  ])("the path %s is asked as %s", (path, wanted) => {
    expect(new URL(received(make({ method: "GET", path }), site).request.url).pathname).toBe(wanted);
  });

  test("the query comes in as it was sent", () => {
    const query = "operation=PKIOperation&message=MII%2BA%2FB%3D&a=1&a=2&empty=";
    const { searchParams } = new URL(received(make({ method: "GET", path: "/scep", query }), site).request.url);
    expect([...searchParams]).toEqual([
      ["operation", "PKIOperation"],
      ["message", "MII+A/B="],
      ["a", "1"],
      ["a", "2"],
      ["empty", ""],
    ]);
  });

  test("host and address are the gateway's word; what a client says of them counts for nothing", () => {
    const headers = {
      host: ["evil.example"],
      "x-forwarded-host": ["evil.example"],
      "x-forwarded-for": ["203.0.113.66"],
      "x-trstctl-viewer-address": ["203.0.113.66"],
      "cloudfront-viewer-address": ["203.0.113.66:1"],
      "cloudfront-viewer-cert-pem": [encodeURIComponent(pem)],
    };
    const event = make({ method: "GET", path: "/x", headers, address: "198.51.100.7" });
    const { request, peer } = received(event, site);
    expect(request.url).toBe("https://pki.example.com/x");
    expect(request.headers.get("host")).toBe("pki.example.com");
    expect([...request.headers.keys()].filter((name) => /viewer/.test(name))).toEqual([]);
    expect(peer.address).toBe("198.51.100.7");
    expect(peer.certificate).toBeUndefined();
  });

  test("behind a locked origin the distribution says who the viewer is", () => {
    const asked = (address: string) =>
      received(
        make({
          method: "GET",
          path: "/x",
          headers: { "CloudFront-Viewer-Address": [address], "CloudFront-Viewer-Cert-Pem": [encodeURIComponent(pem)] },
          address: "198.51.100.7",
        }),
        { ...site, originLocked: true },
      ).peer;
    expect(asked("203.0.113.66:46532").address).toBe("203.0.113.66");
    expect(asked("2001:db8::1:46532").address).toBe("2001:db8::1");
    expect(asked("nonsense").address).toBe("198.51.100.7");
    expect(asked("203.0.113.66:1").certificate).toEqual(der);
    const byOurs = make({
      method: "GET",
      path: "/x",
      headers: { "x-trstctl-viewer-address": ["2001:db8::7"] },
      address: "198.51.100.7",
    });
    expect(received(byOurs, { ...site, originLocked: true }).peer.address).toBe("2001:db8::7");
  });

  test("behind a locked origin the gateway's own handshake was the distribution's, and proves nobody", () => {
    const asked = (headers: Asked["headers"] = {}) =>
      received(make({ method: "GET", path: "/x", headers, clientCertPem: edgePem }), { ...site, originLocked: true })
        .peer;
    expect(asked().certificate).toBeUndefined();
    expect(asked({ "CloudFront-Viewer-Cert-Pem": [encodeURIComponent(pem)] }).certificate).toEqual(der);
  });

  test("a certificate of the gateway's own handshake", () => {
    const { peer } = received(make({ method: "GET", path: "/x", clientCertPem: pem }), site);
    expect(peer.certificate).toEqual(der);
    const none = received(make({ method: "GET", path: "/x", clientCertPem: "-----BEGIN CERTIFICATE-----" }), site);
    expect(none.peer.certificate).toBeUndefined();
  });

  test("what is no request is refused, not thrown at Lambda", () => {
    for (const asked of [
      { method: "TRACE", path: "/x" },
      { method: "CONNECT", path: "/x" },
      { method: "GE T", path: "/x" },
      { method: "GET", path: "/x", headers: { "a b": ["c"] } },
      { method: "GET", path: "/x", headers: { ab: ["c\nd"] } },
    ]) {
      const refused = thrown(() => received(make(asked), site));
      expect(isFailure(refused, "malformed") || isFailure(refused, "method_not_allowed")).toBe(true);
    }
  });

  test("more than the gateway takes, and more than a function may answer, are refused with words", async () => {
    const body = new Uint8Array(10 * 1024 * 1024 + 1);
    const refused = thrown(() => received(make({ method: "POST", path: "/x", body }), site));
    expect(isFailure(refused, "too_large")).toBe(true);
    const event = make({ method: "GET", path: "/x" });
    const fits = new Response(new Uint8Array(4_600_000), { headers: { "content-type": "application/pkix-crl" } });
    expect((await answered(event, fits)).statusCode).toBe(200);
    const large = new Response(new Uint8Array(4_700_000), { headers: { "content-type": "application/pkix-crl" } });
    await expect(answered(event, large)).rejects.toThrow("more than a function on AWS may give at once");
    // Each quote takes two bytes in the JSON that carries it.
    const quotes = new Response('"'.repeat(3_200_000), { headers: { "content-type": "application/json" } });
    await expect(answered(event, quotes)).rejects.toThrow("more than a function on AWS may give at once");
  });

  test("a GET with a body is asked without it", () => {
    const { request } = received(make({ method: "GET", path: "/x", body: utf8("x") }), site);
    expect(request.body).toBeNull();
  });
});

test("the stage before a path of an HTTP API's default host name is not part of it", () => {
  const path = (rawPath: string, stage: string) =>
    new URL(
      received({ ...httpEvent({ method: "GET", path: rawPath }), ...withStage(rawPath, stage) }, site).request.url,
    ).pathname;
  expect(path("/live/acme/x", "live")).toBe("/acme/x");
  expect(path("/live", "live")).toBe("/");
  expect(path("/lively/x", "live")).toBe("/lively/x");
  expect(path("/live/x", "$default")).toBe("/live/x");
});

test("cookies of payload 2.0 are joined", () => {
  const event: APIGatewayProxyEventV2 = { ...httpEvent({ method: "GET", path: "/x" }), cookies: ["a=1", "b=2"] };
  expect(received(event, site).request.headers.get("cookie")).toBe("a=1; b=2");
});

test("an event that is none of an API's is refused", () => {
  const refused = thrown(() => received({ Records: [] } as unknown as APIGatewayProxyEvent, site));
  expect(isFailure(refused, "malformed")).toBe(true);
});

const der = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0xfb);
const pem = `-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----\n`;

const edgePem = `-----BEGIN CERTIFICATE-----\n${base64(Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x01))}\n-----END CERTIFICATE-----\n`;

const withStage = (rawPath: string, stage: string) => ({
  rawPath,
  requestContext: { ...httpEvent({ method: "GET", path: rawPath }).requestContext, stage },
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
