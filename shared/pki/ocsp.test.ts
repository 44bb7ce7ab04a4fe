import fc from "fast-check";
import * as pkijs from "pkijs";
import { describe, expect, it } from "vitest";
import {
  caTbs,
  leafTbs,
  openssl,
  pkcs8Pem,
  signed,
  signWith,
  testIssuerName,
  testKey,
  testNow,
} from "#test/vectors/x509";
import { parseTbsCertificate } from "./certificate.ts";
import {
  bitString,
  boolean,
  enumerated,
  explicit,
  integer,
  null_,
  octetString,
  oid,
  sequence,
  tlv,
} from "./der/writer.ts";
import * as ext from "./extensions.ts";
import { keyIdentifier } from "./key.ts";
import { nameDer } from "./name.ts";
import {
  assembleBasicResponse,
  buildTbsResponseData,
  type CertStatus,
  certIdFor,
  ocspErrorResponse,
  parseOcspRequest,
  parseOcspResponse,
  parseTbsResponseData,
  type SingleResponse,
} from "./ocsp.ts";
import { oids } from "./oids.ts";
import { pemEncode } from "./pem.ts";
import { reasonNames } from "./reason.ts";

const ca = testKey();
const leafKey = testKey();
const caDer = signed(ca, caTbs(ca));
const leafDer = signed(ca, leafTbs(ca, leafKey));
const serialHex = parseTbsCertificate(leafTbs(ca, leafKey)).serialHex;
const files = {
  "ca.pem": pemEncode("CERTIFICATE", caDer),
  "leaf.pem": pemEncode("CERTIFICATE", leafDer),
  "ca.key": pkcs8Pem(ca),
};
const opensslRequest = (...args: string[]): Uint8Array =>
  openssl(["ocsp", "-issuer", "ca.pem", ...args, "-cert", "leaf.pem", "-reqout", "out"], files).bytes;
const issuerDer = nameDer(testIssuerName);
const id = (hash: "sha1" | "sha256" = "sha1") => certIdFor(issuerDer, ca.spki, serialHex, hash);
const malformed = (detail: RegExp) =>
  expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) });

describe("requests", () => {
  it.each(["sha1", "sha256"] as const)("reads openssl's with %s", (hash) => {
    const request = parseOcspRequest(opensslRequest(`-${hash}`));
    expect(request.certIds).toEqual([id(hash)]);
    expect(request.nonce?.length).toBe(16);
    expect(request.signed).toBe(false);
  });

  it("reads a signed request and one without nonce", () => {
    expect(parseOcspRequest(opensslRequest("-signer", "ca.pem", "-signkey", "ca.key")).signed).toBe(true);
    expect(parseOcspRequest(opensslRequest("-no_nonce")).nonce).toBeUndefined();
  });

  const request = (ids: readonly Uint8Array[], extensions?: Uint8Array) =>
    sequence(
      sequence(
        sequence(...ids.map((one) => sequence(one))),
        extensions === undefined ? new Uint8Array(0) : explicit(2, sequence(extensions)),
      ),
    );
  const nonce = (length: number) => ext.extension(oids.ocspNonce, false, octetString(new Uint8Array(length).fill(7)));
  const certId = (change: { hash?: Uint8Array; nameHash?: Uint8Array; serial?: Uint8Array }) =>
    sequence(
      change.hash ?? sequence(oid(oids.sha1), null_()),
      octetString(change.nameHash ?? new Uint8Array(20)),
      octetString(new Uint8Array(20)),
      change.serial ?? integer(1),
    );

  it("takes nonces of 1 to 128 octets (RFC 9654 2.1) and 10 certificates", () => {
    for (const length of [1, 32, 128])
      expect(parseOcspRequest(request([id().der], nonce(length))).nonce).toHaveLength(length);
    expect(parseOcspRequest(request(new Array<Uint8Array>(10).fill(id().der))).certIds).toHaveLength(10);
  });

  it("takes a hash without parameters, and one that it does not know", () => {
    expect(parseOcspRequest(request([certId({ hash: sequence(oid(oids.sha1)) })])).certIds[0]?.hashAlgorithm).toBe(
      "sha1",
    );
    expect(
      parseOcspRequest(request([certId({ hash: sequence(oid("1.2.3")), nameHash: new Uint8Array(7) })])).certIds[0]
        ?.hashAlgorithm,
    ).toBe("1.2.3");
  });

  it.each([
    ["an empty nonce", request([id().der], nonce(0)), /nonce of 0/],
    ["a nonce of 129", request([id().der], nonce(129)), /nonce of 129/],
    [
      "a bare nonce",
      request([id().der], ext.extension(oids.ocspNonce, false, Uint8Array.of(1, 2, 3))),
      /BOOLEAN|goes beyond/,
    ],
    [
      "two nonces",
      sequence(sequence(sequence(sequence(id().der)), explicit(2, sequence(nonce(1), nonce(2))))),
      /comes twice/,
    ],
    ["11 certificates", request(new Array<Uint8Array>(11).fill(id().der)), /11 certificates/],
    ["none", request([]), /empty/],
    ["a short hash", request([certId({ nameHash: new Uint8Array(19) })]), /not 20 octets/],
    ["a negative serial", request([certId({ serial: Uint8Array.of(2, 1, 0x80) })]), /negative/],
    [
      "an unknown critical extension",
      request([id().der], ext.extension("1.2.3", true, null_())),
      /1\.2\.3 is not supported/,
    ],
    ["version 2", sequence(sequence(explicit(0, integer(1)), sequence(sequence(id().der)))), /version/],
    ["trailing data", Uint8Array.from([...request([id().der]), 0]), /after the end/],
    ["16 KiB", new Uint8Array(16_385), /more than the 16384/],
  ])("refuses %s", (_name, der, detail) => {
    expect(() => parseOcspRequest(der)).toThrow(malformed(detail));
  });
});

const single = (status: CertStatus, hash: "sha1" | "sha256" = "sha1"): SingleResponse => ({
  certId: id(hash),
  status,
  thisUpdateMs: testNow,
  nextUpdateMs: testNow + 3_600_000,
});
const spec = (responses: readonly SingleResponse[], nonce?: Uint8Array) => ({
  responderKeyHash: keyIdentifier(ca.spki),
  producedAtMs: testNow,
  responses,
  ...(nonce && { nonce }),
});
const respond = (signer: typeof ca, tbs: Uint8Array) =>
  assembleBasicResponse(tbs, signer.algorithm, signWith(signer, tbs), [caDer]);

describe("responses", () => {
  const check = (response: Uint8Array, request: Uint8Array) => {
    const args = [
      "ocsp",
      "-respin",
      "resp.der",
      "-reqin",
      "req.der",
      "-CAfile",
      "ca.pem",
      "-no_cert_checks",
      "-attime",
      String(testNow / 1000 + 60),
    ];
    return openssl([...args, "-resp_text", "-validity_period", "999999999"], {
      ...files,
      "resp.der": response,
      "req.der": request,
    }).text;
  };

  it.each<[CertStatus, string]>([
    [{ type: "good" }, "Cert Status: good"],
    [{ type: "unknown" }, "Cert Status: unknown"],
    [{ type: "revoked", atMs: testNow - 5000, reason: "keyCompromise" }, "Revocation Reason: keyCompromise (0x1)"],
    [{ type: "revoked", atMs: testNow - 5000, reason: "unspecified" }, "Cert Status: revoked"],
  ])("openssl verifies and prints %o", (status, line) => {
    const request = opensslRequest();
    const { nonce } = parseOcspRequest(request);
    const text = check(respond(ca, buildTbsResponseData(spec([single(status)], nonce))), request);
    expect(text).toContain(line);
    expect(text).toContain("OCSP Nonce");
  });

  it("openssl refuses a wrong signature and a wrong nonce", () => {
    const request = opensslRequest();
    const good = single({ type: "good" });
    const { nonce } = parseOcspRequest(request);
    expect(() => check(respond(leafKey, buildTbsResponseData(spec([good], nonce))), request)).toThrow(/Verify Failure/);
    expect(() => check(respond(ca, buildTbsResponseData(spec([good], new Uint8Array(16)))), request)).toThrow(
      /Nonce Verify error/,
    );
  });

  it("pkijs reads it", () => {
    const der = respond(ca, buildTbsResponseData(spec([single({ type: "good" }, "sha256")])));
    const read = pkijs.OCSPResponse.fromBER(der);
    expect(read.responseStatus.valueBlock.valueDec).toBe(0);
    const basic = pkijs.BasicOCSPResponse.fromBER(
      read.responseBytes?.response.valueBlock.valueHexView as unknown as ArrayBuffer,
    );
    expect(basic.tbsResponseData.producedAt.getTime()).toBe(testNow);
    expect(basic.certs).toHaveLength(1);
  });

  it("round trips", () => {
    const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000);
    const status = fc.oneof(
      fc.constant({ type: "good" } as const),
      fc.constant({ type: "unknown" } as const),
      fc.record({ type: fc.constant("revoked" as const), atMs: second, reason: fc.constantFrom(...reasonNames) }),
    );
    fc.assert(
      fc.property(
        fc.array(status, { minLength: 1, maxLength: 10 }),
        second,
        fc.option(fc.uint8Array({ minLength: 1, maxLength: 128 })),
        (statuses, at, nonce) => {
          const responses = statuses.map((one) => ({ ...single(one), thisUpdateMs: at }));
          const wanted = { ...spec(responses, nonce ?? undefined), producedAtMs: at };
          const tbs = buildTbsResponseData(wanted);
          expect(parseTbsResponseData(tbs)).toEqual({ ...wanted, tbs });
          expect(parseOcspResponse(respond(ca, tbs)).basic).toMatchObject({ responses, certificateDers: [caDer] });
        },
      ),
      { numRuns: 50 },
    );
  });

  const tbs = buildTbsResponseData(spec([single({ type: "good" })]));
  const shell = (status: number, ...body: Uint8Array[]) => sequence(enumerated(status), ...body);
  it.each([
    ["successful without body", shell(0), /do not fit/],
    ["an error with body", shell(1, explicit(0, sequence(oid(oids.ocspBasic), octetString(tbs)))), /do not fit/],
    ["status 4", shell(4), /status 4/],
    ["another type of body", shell(0, explicit(0, sequence(oid("1.2.3"), octetString(tbs)))), /not a basic/],
    [
      "a basic response without signature",
      shell(0, explicit(0, sequence(oid(oids.ocspBasic), octetString(sequence(tbs))))),
      /missing/,
    ],
  ])("parseOcspResponse refuses %s", (_name, der, detail) => {
    expect(() => parseOcspResponse(der)).toThrow(malformed(detail));
  });

  const time = (text: string) => tlv(0x18, [Buffer.from(text)]);
  const data = (change: { responder?: Uint8Array; status?: Uint8Array; next?: Uint8Array }) =>
    sequence(
      change.responder ?? explicit(2, octetString(new Uint8Array(20))),
      time("20250601000000Z"),
      sequence(
        sequence(
          id().der,
          change.status ?? tlv(0x80, []),
          time("20250601000000Z"),
          change.next ?? explicit(0, time("20250601000000Z")),
        ),
      ),
    );
  it.each([
    ["byName", data({ responder: explicit(1, sequence()) }), /by key/],
    ["a short key hash", data({ responder: explicit(2, octetString(new Uint8Array(19))) }), /20 octets/],
    ["no nextUpdate", data({ next: new Uint8Array(0) }), /no nextUpdate/],
    ["good with content", data({ status: tlv(0x80, [Uint8Array.of(0)]) }), /certStatus/],
    ["status 3", data({ status: tlv(0x83, []) }), /certStatus/],
    ["an encoded version", sequence(explicit(0, integer(0)), bitString(new Uint8Array(1))), /by key/],
    ["a bad reason", data({ status: tlv(0xa1, [time("20250601000000Z"), explicit(0, enumerated(7))]) }), /CRLReason 7/],
    ["a BOOLEAN", boolean(true), /ResponseData/],
  ])("parseTbsResponseData refuses %s", (_name, der, detail) => {
    expect(() => parseTbsResponseData(der)).toThrow(malformed(detail));
  });
  it("accepts the response data that the refusals above change", () => {
    expect(parseTbsResponseData(data({})).responses).toHaveLength(1);
  });

  it.each([
    ["malformedRequest", "malformedrequest (1)"],
    ["internalError", "internalerror (2)"],
    ["tryLater", "trylater (3)"],
    ["sigRequired", "sigrequired (5)"],
    ["unauthorized", "unauthorized (6)"],
  ] as const)("openssl names %s", (status, name) => {
    expect(parseOcspResponse(ocspErrorResponse(status))).toEqual({ status });
    const show = () => openssl(["ocsp", "-respin", "r", "-noverify"], { r: ocspErrorResponse(status) });
    expect(show).toThrow(name);
  });
});
