/**
 * TLS for a bridge that serves nobody yet: a key of this process and a certificate that it signs itself. Nobody is to trust
 * it; who connects anyway learns within TLS why nothing is served.
 */
import { generateLeafKey } from "#shared/crypto/leaf-key";
import { randomBytes } from "#shared/crypto/random";
import { assembleSigned, buildTbsCertificate } from "#shared/pki/certificate";
import { basicConstraints } from "#shared/pki/extensions";
import { commonName, nameDer } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";

const yearMs = 365 * 86_400_000;

/** PEM. */
export interface TlsContext {
  readonly cert: string;
  readonly key: string;
}

export function throwAwayCertificate(nowMs: number): TlsContext {
  const key = generateLeafKey();
  const name = nameDer(commonName("trstctl bridge, which serves nobody yet"));
  const tbs = buildTbsCertificate({
    serial: randomBytes(16),
    signatureAlgorithm: key.signatureAlgorithm,
    issuerNameDer: name,
    subjectNameDer: name,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + yearMs,
    spki: key.spki,
    extensions: [basicConstraints(false)],
  });
  const cert = pemEncode("CERTIFICATE", assembleSigned(tbs, key.signatureAlgorithm, key.sign(tbs)));
  const context = { cert, key: pemEncode("PRIVATE KEY", key.pkcs8.reveal()) };
  key.pkcs8.wipe();
  return context;
}
