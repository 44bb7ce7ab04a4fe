import { generateLeafKey } from "#shared/crypto/leaf-key";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";

/** A certificate request for a new key, PEM. */
export function newCsr(...names: readonly string[]): string {
  const key = generateLeafKey();
  const der = buildCsr({
    // X.520: a common name has at most 64 characters.
    subject: (names[0] ?? "").length > 64 ? [] : commonName(names[0] ?? ""),
    names: names.map((name) => canonicalName("dns", name, "name")),
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
  return pemEncode("CERTIFICATE REQUEST", der);
}
