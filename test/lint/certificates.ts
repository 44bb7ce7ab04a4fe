/** Certificates that keep every rule, to be broken in one place each. */
import { hex } from "#shared/kernel/bytes";
import { parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { type DerNode, readDer } from "#shared/pki/der/reader";
import { oid } from "#shared/pki/der/writer";
import * as ext from "#shared/pki/extensions";
import type { CertificateContext } from "#shared/pki/lint/rule";
import { keyIdentifier } from "#shared/pki/key";
import { commonName } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { caTbs, type LeafChanges, leafExtensions, leafTbs, testKey, testNow } from "#test/vectors/x509";

export const caKey = testKey();
export const leafKey = testKey();
export const issuer = parseTbsCertificate(caTbs(caKey));

export const leaf = (changes: LeafChanges = {}): TbsCertificate =>
  parseTbsCertificate(leafTbs(caKey, leafKey, changes));
export const goodLeaf = leaf();

/** The OBJECT IDENTIFIER element of an encoded Extension, hex. */
const idOf = (encoded: Uint8Array): string => hex((readDer(encoded).children()[0] as DerNode).raw);

/** The usual extensions with some replaced, added or left out. */
export const changed = (replacements: readonly Uint8Array[], leaveOut: readonly string[] = []): LeafChanges => {
  const gone = new Set([...replacements.map(idOf), ...leaveOut.map((dotted) => hex(oid(dotted)))]);
  return {
    extensions: [...leafExtensions(caKey, leafKey).filter((one) => !gone.has(idOf(one))), ...replacements],
  };
};

/** What turns a leaf into a CA. */
export const asCa = [ext.basicConstraints(true, 0), ext.keyUsage(["keyCertSign", "cRLSign"])];
export const notOnCa = [oids.subjectAltName, oids.extKeyUsage];
export const dns = (value: string) => ({ type: "dns", value }) as const;
export const url = (value: string) => ({ type: "uri", value }) as const;

/** An issuer whose path length does not forbid a CA below. */
export const upperIssuer: TbsCertificate = { ...issuer, basicConstraints: { ca: true } };
export const goodCa = leaf(changed(asCa, notOnCa));
export const goodResponder = leaf({
  ...changed([ext.extKeyUsage(["OCSPSigning"]), ext.ocspNoCheck()], [oids.subjectAltName]),
  subject: commonName("Responder 1"),
});

export const raKey = testKey("RSA-2048");
export const goodRa = parseTbsCertificate(
  leafTbs(caKey, raKey, {
    ...changed(
      [
        ext.extKeyUsage(["cmcRA"]),
        ext.keyUsage(["digitalSignature", "keyEncipherment"]),
        ext.noRevAvail(),
        ext.authorityInfoAccess({ caIssuers: ["http://r.example/ca/1.cer"] }),
        ext.subjectKeyIdentifier(keyIdentifier(raKey.spki)),
      ],
      [oids.subjectAltName, oids.cRLDistributionPoints],
    ),
    subject: commonName("RA 1"),
  }),
);

export const contexts = {
  leaf: { kind: "leaf", issuer, maxValiditySeconds: 90 * 86_400, nowMs: testNow },
  "issuing-ca": { kind: "issuing-ca", issuer: upperIssuer },
  root: { kind: "root" },
  "ocsp-responder": { kind: "ocsp-responder", issuer },
  ra: { kind: "ra", issuer },
} as const satisfies Record<string, CertificateContext>;
