/** Certificates, requests, CRLs and OCSP. */
import { X509Certificate } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { parseCertificate, parseTbsCertificate } from "#shared/pki/certificate";
import { buildTbsCertList, parseCertificateList, parseTbsCertList } from "#shared/pki/crl";
import { parseCsr } from "#shared/pki/csr";
import { generalNameDer } from "#shared/pki/general-name";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import { everyCertificate } from "#shared/pki/lint/rule";
import { nameText } from "#shared/pki/name";
import { parseOcspRequest, parseOcspResponse, parseTbsResponseData } from "#shared/pki/ocsp";
import { readCertificateRequest } from "#shared/usecases/certificate-request";
import { asn1jsReads, opensslReads } from "../reference.ts";
import {
  crlSeeds,
  csrSeeds,
  ocspDataSeeds,
  ocspRequestSeeds,
  ocspResponseSeeds,
  signedFiller,
  tbsSeeds,
} from "../seeds/x509.ts";
import { holds, same, type Target } from "../target.ts";

export const csr: Target = {
  run(input) {
    const parsed = parseCsr(input);
    same(parsed.der, input, "der");
    asn1jsReads(input);
    nameText(parsed.subject);
    for (const san of parsed.sans) if (san.type !== "other") generalNameDer(san);
  },
  refusals: ["malformed", "invalid_field"],
  format: "der",
  seeds: csrSeeds,
};

/** With the signature, so that keys get as far as OpenSSL. */
export const possession: Target = {
  run: async (input) => {
    const { names, subject } = await readCertificateRequest(input);
    nameText(subject);
    for (const name of names) generalNameDer(name);
  },
  refusals: ["malformed", "invalid_field"],
  format: "der",
  seeds: csrSeeds,
};

export const certificate: Target = {
  run(input) {
    const parsed = parseCertificate(input);
    same(parsed.der, input, "der");
    asn1jsReads(input);
    const reference = opensslReads([parsed.issuer, parsed.subject], () => new X509Certificate(input));
    if (reference === undefined) return;
    holds(
      BigInt(`0x${reference.serialNumber}`) === BigInt(`0x${parsed.serialHex}`),
      "OpenSSL reads another serial number",
    );
    // Known difference: OpenSSL takes no certificate for a CA that has any extension it cannot read to its last member.
    const leaf = parsed.version === 3 && parsed.basicConstraints?.ca !== true;
    holds(!(leaf && reference.ca), "a CA to OpenSSL, a leaf to us");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => Object.values(tbsSeeds()).map(signedFiller),
};

export const tbsCertificate: Target = {
  run(input) {
    const parsed = parseTbsCertificate(input);
    for (const kind of everyCertificate)
      lintTbsCertificate(parsed, { kind, issuer: parsed, maxValiditySeconds: 86_400 });
    // What may be signed is a certificate that is read the same.
    const whole = parseCertificate(signedFiller(input));
    same(whole.tbs, input, "tbs");
    holds(isDeepStrictEqual(whole.sans, parsed.sans), "the names are read otherwise");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => Object.values(tbsSeeds()),
};

export const certificateList: Target = {
  run(input) {
    const parsed = parseCertificateList(input);
    same(parsed.der, input, "der");
    same(parseTbsCertList(parsed.tbs).tbs, parsed.tbs, "tbs");
    asn1jsReads(input);
    if (parsed.idpUrl === undefined || parsed.aki === undefined) return;
    // What was understood, written again, is understood as the same.
    const again = parseTbsCertList(
      buildTbsCertList({
        signatureAlgorithm: parsed.signatureAlgorithm,
        issuerNameDer: parsed.issuerDer,
        thisUpdateMs: parsed.thisUpdateMs,
        nextUpdateMs: parsed.nextUpdateMs,
        number: parsed.number,
        authorityKeyId: parsed.aki,
        distributionPointUrl: parsed.idpUrl,
        ...(parsed.deltaBase !== undefined && { baseCrlNumber: parsed.deltaBase }),
        entries: parsed.entries.map(({ serialHex, ...entry }) => ({ serial: serialHex, ...entry })),
      }),
    );
    holds(again.number === parsed.number && isDeepStrictEqual(again.entries, parsed.entries), "another CRL is written");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => Object.values(crlSeeds()).map(signedFiller),
};

export const ocspRequest: Target = {
  run(input) {
    const { certIds, requestDer } = parseOcspRequest(input);
    same(requestDer, input, "der");
    asn1jsReads(input);
    for (const { der } of certIds)
      holds(Buffer.from(input).includes(Buffer.from(der)), "the CertID is not that of the request");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: ocspRequestSeeds,
};

export const ocspResponse: Target = {
  run(input) {
    const { status, basic } = parseOcspResponse(input);
    holds((status === "successful") === (basic !== undefined), "status and body");
    if (basic !== undefined) same(parseTbsResponseData(basic.tbs).tbs, basic.tbs, "tbs");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: ocspResponseSeeds,
};

export const ocspData: Target = {
  run: (input) => same(parseTbsResponseData(input).tbs, input, "tbs"),
  refusals: ["malformed"],
  format: "der",
  seeds: ocspDataSeeds,
};
