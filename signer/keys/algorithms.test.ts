/** Every key algorithm through the front door. */
import { expect, test } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { buildTbsCertificate } from "#shared/pki/certificate";
import { commonName, nameDer } from "#shared/pki/name";
import { caExtensions, day, openWorkshop, request, spec, start } from "#test/signer/workshop";

test("a key of every algorithm makes signatures that verify", async () => {
  await using own = await openWorkshop();
  for (const algorithm of ["P-256", "P-384", "RSA-2048", "Ed25519"] as const) {
    const handle = `root-${algorithm.toLowerCase()}`;
    const key = await own.service.generateKey(spec({ handle, algorithm }));
    const name = nameDer(commonName(handle));
    const tbs = buildTbsCertificate({
      serial: new Uint8Array(16).fill(0x55),
      signatureAlgorithm: key.signatureAlgorithm,
      issuerNameDer: name,
      subjectNameDer: name,
      notBeforeMs: start,
      notAfterMs: start + 365 * day,
      spki: key.spki,
      extensions: caExtensions(key.spki, key.spki),
    });
    const { signature } = await own.service.sign(request("certificate", handle, tbs));
    expect(await verifySignature({ algorithm: key.signatureAlgorithm, spki: key.spki, data: tbs, signature })).toBe(
      true,
    );
  }
});
