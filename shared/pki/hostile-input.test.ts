/** Every parser against mutated, truncated and spliced valid input: a value or a Failure, never anything else, never slow. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "#shared/kernel/failure";
import {
  caTbs,
  csrConfig,
  leafTbs,
  openssl,
  opensslCsr,
  pkcs8Pem,
  signed,
  signWith,
  testIssuerName,
  testKey,
  testNow,
  testUrls,
} from "#test/vectors/x509";
import { parseCertificate, parseTbsCertificate } from "./certificate.ts";
import { buildTbsCertList, parseCertificateList, parseTbsCertList } from "./crl.ts";
import { parseCsr, verifyCsr } from "./csr.ts";
import { readDer } from "./der/reader.ts";
import * as ext from "./extensions.ts";
import { describeSpki, keyIdentifier } from "./key.ts";
import { lintTbsCertificate } from "./lint/registry.ts";
import { nameDer, nameText, parseName } from "./name.ts";
import {
  assembleBasicResponse,
  buildTbsResponseData,
  certIdFor,
  parseOcspRequest,
  parseOcspResponse,
  parseTbsResponseData,
} from "./ocsp.ts";
import { pemEncode } from "./pem.ts";

const ca = testKey();
const rsa = testKey("RSA-2048");
const constraints = ext.nameConstraints({
  permitted: [
    { type: "dns", value: "a.example" },
    { type: "ip", value: "10.0.0.0/8" },
  ],
});
const tbs = leafTbs(ca, rsa);
const constrained = leafTbs(ca, rsa, {
  extensions: [constraints, ext.basicConstraints(true, 1), ext.keyUsage(["keyCertSign", "decipherOnly"])],
});
const crl = buildTbsCertList({
  signatureAlgorithm: ca.algorithm,
  issuerNameDer: nameDer(testIssuerName),
  thisUpdateMs: testNow,
  nextUpdateMs: testNow,
  number: 7,
  baseCrlNumber: 3,
  authorityKeyId: keyIdentifier(ca.spki),
  distributionPointUrl: testUrls.crl,
  entries: [
    { serial: "01", revokedAtMs: testNow, reason: "keyCompromise" },
    { serial: "02", revokedAtMs: testNow, reason: "unspecified" },
  ],
});
const certId = certIdFor(nameDer(testIssuerName), ca.spki, "0102", "sha256");
const ocspData = buildTbsResponseData({
  responderKeyHash: keyIdentifier(ca.spki),
  producedAtMs: testNow,
  responses: [
    {
      certId,
      status: { type: "revoked", atMs: testNow, reason: "superseded" },
      thisUpdateMs: testNow,
      nextUpdateMs: testNow,
    },
  ],
  nonce: new Uint8Array(16),
});
const ocspRequest = openssl(
  ["ocsp", "-issuer", "ca.pem", "-serial", "5", "-signer", "ca.pem", "-signkey", "ca.key", "-reqout", "out"],
  {
    "ca.pem": pemEncode("CERTIFICATE", signed(ca, caTbs(ca))),
    "ca.key": pkcs8Pem(ca),
  },
).bytes;

const lintAll = (bytes: Uint8Array): unknown => {
  const parsed = parseTbsCertificate(bytes);
  return lintTbsCertificate(
    parsed,
    { kind: "leaf", issuer: parsed, maxValiditySeconds: 1 },
    { conformsTo: "cabf-tls", warnings: true },
  );
};
const nameRoundTrip = (bytes: Uint8Array): unknown => {
  const name = parseName(readDer(bytes));
  return [nameText(name), nameDer(name)];
};

const parsers: readonly [string, (bytes: Uint8Array) => unknown, Uint8Array][] = [
  ["parseCsr", parseCsr, opensslCsr(csrConfig)],
  ["parseTbsCertificate and the lints", lintAll, tbs],
  ["parseTbsCertificate of a constrained CA", lintAll, constrained],
  ["parseCertificate", parseCertificate, signed(ca, tbs)],
  ["parseTbsCertList", parseTbsCertList, crl],
  ["parseCertificateList", parseCertificateList, signed(ca, crl)],
  ["parseOcspRequest", parseOcspRequest, ocspRequest],
  ["parseTbsResponseData", parseTbsResponseData, ocspData],
  [
    "parseOcspResponse",
    parseOcspResponse,
    assembleBasicResponse(ocspData, ca.algorithm, signWith(ca, ocspData), [signed(ca, caTbs(ca))]),
  ],
  ["describeSpki RSA", describeSpki, rsa.spki],
  ["describeSpki EC", describeSpki, ca.spki],
  [
    "parseName",
    nameRoundTrip,
    nameDer([[{ type: "C", value: "DE" }], [{ type: "1.2.3", value: "#0500" }], [{ type: "CN", value: "ü" }]]),
  ],
];

const outcome = (parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): "value" | "Failure" => {
  try {
    parse(bytes);
    return "value";
  } catch (error) {
    if (error instanceof Failure) return "Failure";
    throw error;
  }
};

describe.each(parsers)("%s", (_name, parse, valid) => {
  it("reads the valid input", () => {
    expect(outcome(parse, valid)).toBe("value");
  });

  it("refuses every prefix and every extension", () => {
    for (let end = 0; end < valid.length; end++) expect(outcome(parse, valid.subarray(0, end))).toBe("Failure");
    expect(outcome(parse, Uint8Array.from([...valid, 0]))).toBe("Failure");
  });

  it("survives every single-byte change to the usual troublemakers", () => {
    for (let at = 0; at < valid.length; at++)
      for (const byte of [0x00, 0x1f, 0x30, 0x7f, 0x80, 0x84, 0xff, (valid[at] as number) ^ 0x20]) {
        const changed = valid.slice();
        changed[at] = byte;
        outcome(parse, changed);
      }
  });

  it("survives changes, cuts and splices at random", () => {
    const edit = fc.record({ at: fc.nat(valid.length), remove: fc.nat(6), insert: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let bytes = [...valid];
        for (const { at, remove, insert } of edits)
          bytes = [...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)];
        outcome(parse, Uint8Array.from(bytes));
      }),
      { numRuns: 1500 },
    );
  });
});

it("reads 64 KiB of the cheapest elements in little time", () => {
  const worst = [new Uint8Array(65_536).fill(0x30), new Uint8Array(65_536).fill(0x05), new Uint8Array(65_536)];
  const before = process.cpuUsage();
  for (const bytes of worst) for (const [, parse] of parsers) outcome(parse, bytes);
  expect(process.cpuUsage(before).user).toBeLessThan(500_000);
});

it("verifyCsr only ever rejects with a Failure", async () => {
  const valid = opensslCsr(csrConfig);
  for (let at = valid.length - 80; at < valid.length; at++) {
    const changed = valid.slice();
    changed[at] = (changed[at] as number) ^ 0x81;
    let parsed: ReturnType<typeof parseCsr>;
    try {
      parsed = parseCsr(changed);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      continue;
    }
    await expect(verifyCsr(parsed)).rejects.toBeInstanceOf(Failure);
  }
});
