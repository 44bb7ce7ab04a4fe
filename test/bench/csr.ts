import { generateLeafKey } from "#shared/crypto/leaf-key";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";

/** A certificate request, PEM, with a new P-256 key that is forgotten. */
export function csrFor(name: string): string {
  const key = generateLeafKey();
  key.pkcs8.wipe();
  const csr = buildCsr({
    subject: commonName(name),
    names: [canonicalName("dns", name)],
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
  return pemEncode("CERTIFICATE REQUEST", csr);
}
