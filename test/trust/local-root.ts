/** For tests: roots as a host makes them, and others. */
import { generateKeyPairSync, sign } from "node:crypto";
import { assembleSigned, buildTbsCertificate } from "#shared/pki/certificate";
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  nameConstraints,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { constraintsOf, type PermittedNames } from "#shared/pki/name-constraint";
import { pemEncode } from "#shared/pki/pem";

export const loopback: PermittedNames = {
  permittedDns: ["localhost", "trstctl.localhost"],
  permittedIps: ["127.0.0.1/32", "::1/128"],
};

/** @param names empty: no constraint @returns PEM */
export function localRoot(names: PermittedNames = loopback): string {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  const name = nameDer(commonName("Local Root"));
  const constraints = constraintsOf(names);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const tbs = buildTbsCertificate({
    serial: new Uint8Array(16).fill(0x55),
    signatureAlgorithm: "ecdsa-with-SHA256",
    issuerNameDer: name,
    subjectNameDer: name,
    notBeforeMs: now - 60_000,
    notAfterMs: now + 86_400_000,
    spki,
    extensions: [
      basicConstraints(true),
      keyUsage(["keyCertSign", "cRLSign"]),
      subjectKeyIdentifier(keyIdentifier(spki)),
      authorityKeyIdentifier(keyIdentifier(spki)),
      ...(constraints.permitted.length > 0 ? [nameConstraints(constraints)] : []),
    ],
  });
  return pemEncode(
    "CERTIFICATE",
    assembleSigned(tbs, "ecdsa-with-SHA256", new Uint8Array(sign("sha256", tbs, privateKey))),
  );
}
