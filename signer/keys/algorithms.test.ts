/** Every kind of key through the front door, and again when it was unsealed by the next start. */
import { expect, test } from "vitest";
import { type SignatureAlgorithm, verifySignature } from "#shared/crypto/signature";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { buildTbsCertList } from "#shared/pki/crl";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import type { Signed } from "#shared/ports/signer";
import { quickAlgorithms } from "#test/contract/algorithm-contract";
import { caExtensions, crlUrlOf, day, openWorkshop, request, spec, start } from "#test/signer/workshop";

const verifies = (algorithm: SignatureAlgorithm, spki: Uint8Array, { tbs: data, signature }: Signed) =>
  verifySignature({ algorithm, spki, data, signature });

test.each(quickAlgorithms)("%s", async (algorithm) => {
  await using own = await openWorkshop();
  const { spki, signatureAlgorithm } = await own.service.generateKey(spec({ algorithm }));
  const name = nameDer(commonName(algorithm));
  const root = buildTbsCertificate({
    serial: new Uint8Array(16).fill(0x55),
    signatureAlgorithm,
    issuerNameDer: name,
    subjectNameDer: name,
    notBeforeMs: start,
    notAfterMs: start + 365 * day,
    spki,
    extensions: caExtensions(spki, spki),
  });
  const certificate = await own.service.sign(request("certificate", "root", root));
  expect(await verifies(signatureAlgorithm, spki, certificate)).toBe(true);
  await own.restart();
  const list = buildTbsCertList({
    signatureAlgorithm,
    issuerNameDer: name,
    thisUpdateMs: start,
    nextUpdateMs: start + day,
    number: 1,
    authorityKeyId: keyIdentifier(spki),
    distributionPointUrl: crlUrlOf(spki, 0),
    entries: [],
  });
  const crl = await own.service.sign(request("crl", "root", list));
  expect(await verifies(signatureAlgorithm, spki, crl)).toBe(true);
  expect(await verifies(signatureAlgorithm, spki, { ...crl, tbs: root })).toBe(false);
});
