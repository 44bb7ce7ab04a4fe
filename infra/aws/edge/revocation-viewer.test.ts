/** What the edge makes of a request, held against the product's own reading of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, base64url, sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseOcspRequest } from "#shared/pki/ocsp";
import { octetString, sequence } from "#shared/pki/der/writer";
import { crlWindow, ocspKey, ocspWindow, parseStoredQuestion } from "#shared/pki/stored-status";
import { openViewer } from "#test/edge/viewer";
import { ocspRequestSeeds } from "#test/fuzz/seeds/x509";

const now = Date.UTC(2026, 10, 26, 3, 4, 5);
const issuer = "abcdefghijklmnopq234";
const viewer = openViewer(() => now);
const get = (uri: string): string => viewer({ method: "GET", uri });
const wrapped = (certId: Uint8Array): Uint8Array => sequence(sequence(sequence(sequence(certId))));
const [question = new Uint8Array()] = ocspRequestSeeds();
const certIdOf = (request: Uint8Array): Uint8Array => parseOcspRequest(request).certIds[0]?.der ?? new Uint8Array();
const keyOf = (certId: Uint8Array): string => `/${ocspKey(issuer, ocspWindow(certId, now).number, certId)}`;

function read(request: Uint8Array): ReturnType<typeof parseOcspRequest> | undefined {
  try {
    return parseOcspRequest(request);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The edge names it, or leaves it: never another question, and never one that needs more than its CertID. */
function hold(request: Uint8Array): "named" | "left" {
  const path = `/ocsp/${issuer}/${encodeURIComponent(base64(request))}`;
  const uri = get(path);
  const parsed = read(request);
  if (uri === path) {
    const [only] = parsed?.certIds ?? [];
    const plain = only !== undefined && sameBytes(wrapped(only.der), request);
    expect(plain && only.der.length <= 256, "a plain question was left").toBe(false);
    return "left";
  }
  const [, , , , window, name = ""] = uri.split("/");
  const stored = parseStoredQuestion(name);
  expect(stored?.request).toEqual(request);
  if (parsed === undefined) return "named";
  expect(parsed).toMatchObject({ certIds: [{ der: stored?.certId }], signed: false });
  expect(parsed.nonce).toBeUndefined();
  expect(Number(window)).toBe(ocspWindow(certIdOf(request), now).number);
  return "named";
}

describe("the viewer function", () => {
  it("names a question by its CertID and the hour, however the path is spelled", () => {
    const certId = certIdOf(question);
    const plain = base64(question);
    const every = Array.from(plain, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
    const spellings = [plain, encodeURIComponent(plain), encodeURIComponent(plain).toLowerCase(), every];
    for (const spelling of spellings) {
      const decodes = decodeURIComponent(spelling) === plain;
      const uri = `/ocsp/${issuer}/${spelling}`;
      expect(get(uri), spelling).toBe(decodes ? keyOf(certId) : uri);
    }
    expect(plain).toMatch(/\//);
    expect(viewer({ method: "HEAD", uri: `/ocsp/${issuer}/${plain}` })).toBe(keyOf(certId));
  });

  it("leaves what the function must see as it came", () => {
    const path = `/ocsp/${issuer}/${base64(question)}`;
    expect(viewer({ method: "POST", uri: path })).toBe(path);
    const padded = base64(sequence(sequence(sequence(sequence(sequence(octetString(new Uint8Array(300))))))));
    const left = [
      `/ocsp/${issuer}`,
      `/ocsp/${issuer}/`,
      `/ocsp/${issuer}/%`,
      `/ocsp/${issuer}/%ff%fe`,
      `/ocsp/${issuer}/${base64(question)}=`,
      `/ocsp/${issuer}/${base64url(question)}-`,
      `/ocsp/${issuer}/${padded}`,
      `/ocsp/${issuer}/${"MA".repeat(600)}`,
      `/ocsp/${issuer.slice(1)}/${base64(question)}`,
      `/ocsp/${issuer.toUpperCase()}/${base64(question)}`,
      "/",
      "/status/ocsp/x",
      `/crl/${issuer}/10000.crl`,
      `/crl/${issuer}/01.crl`,
      `/crl/${issuer}/../0.crl`,
      `/ca/${issuer}.pem`,
    ];
    for (const uri of left) expect(get(uri)).toBe(uri);
  });

  it("names CRLs by the day, CA certificates by themselves", () => {
    const day = crlWindow(now).number;
    expect(get(`/crl/${issuer}/0.crl`)).toBe(`/status/crl/${issuer}/${day}/0.crl`);
    expect(get(`/crl/${issuer}/4095-delta.crl`)).toBe(`/status/crl/${issuer}/${day}/4095-delta.crl`);
    expect(get(`/ca/${issuer}.cer`)).toBe(`/status/ca/${issuer}.cer`);
  });

  it("computes the windows that the product computes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.uint8Array({ minLength: 1, maxLength: 80 }), (at, content) => {
        const certId = sequence(content);
        const seen = openViewer(() => at)({ method: "GET", uri: `/ocsp/${issuer}/${base64(wrapped(certId))}` });
        const { number, startMs, endMs } = ocspWindow(certId, at);
        expect(seen).toBe(`/${ocspKey(issuer, number, certId)}`);
        expect(startMs <= at && at < endMs).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with the parser on whatever comes", () => {
    const seeds = ocspRequestSeeds();
    expect(seeds.map(hold)).toContain("left");
    const outcomes = new Set<string>();
    const changed = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
      )
      .map(([seed, changes]) => {
        const bytes = Uint8Array.from(seed);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    const cut = fc.tuple(fc.constantFrom(...seeds), fc.nat(200)).map(([seed, end]) => seed.slice(0, end));
    const longer = fc.tuple(fc.constantFrom(...seeds), fc.constantFrom(0x81, 0x82, 0x83)).map(([seed, form]) => {
      const body = seed.slice(seed[1] === 0x81 ? 3 : 2);
      const zeroes = Array.from<number>({ length: form - 0x81 }).fill(0);
      return Uint8Array.from([0x30, form, ...zeroes, body.length, ...body]);
    });
    const wide = fc.uint8Array({ maxLength: 400 }).map((content) => wrapped(sequence(content)));
    fc.assert(
      fc.property(fc.oneof(changed, cut, longer, wide, fc.uint8Array({ maxLength: 300 })), (request) => {
        outcomes.add(hold(request));
      }),
      { numRuns: 3_000 },
    );
    expect(outcomes).toEqual(new Set(["named", "left"]));
  });
});
