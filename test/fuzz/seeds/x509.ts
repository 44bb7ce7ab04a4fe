/** Valid inputs of every shape that the X.509 parsers read; signatures are filler where nobody checks them. */
import { assembleSigned, buildTbsCertificate, type TbsSpec } from "#shared/pki/certificate";
import { buildTbsCertList } from "#shared/pki/crl";
import { integer, sequence } from "#shared/pki/der/writer";
import * as ext from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, nameDer } from "#shared/pki/name";
import { raName } from "#shared/pki/ra-name";
import { issuerIdOf } from "#shared/pki/revocation-urls";
import { assembleBasicResponse, buildTbsResponseData, certIdFor, ocspErrorResponse } from "#shared/pki/ocsp";
import { csrConfig, opensslCsr } from "#test/vectors/x509";
import { spkis } from "./keys.ts";

const algorithm = "ecdsa-with-SHA256";
export const seedNow = Date.UTC(2026, 5, 1);
export const seedBase = "http://r.example.test";
const day = 86_400_000;
const signature = sequence(integer(new Uint8Array(32).fill(0x11)), integer(new Uint8Array(32).fill(0x22)));

export const seedNames = {
  root: nameDer(commonName("Acme Root", "Acme")),
  ca: nameDer(commonName("Acme CA", "Acme")),
  ra: nameDer(raName(issuerIdOf(spkis.ca), 1)),
};

export const signedFiller = (tbs: Uint8Array): Uint8Array => assembleSigned(tbs, algorithm, signature);

function tbs(over: Partial<TbsSpec> & Pick<TbsSpec, "spki" | "extensions">): Uint8Array {
  return buildTbsCertificate({
    serial: Uint8Array.from({ length: 16 }, (_, i) => 0x51 + i),
    signatureAlgorithm: algorithm,
    issuerNameDer: seedNames.ca,
    subjectNameDer: nameDer(commonName("www.example.test")),
    notBeforeMs: seedNow - 60_000,
    notAfterMs: seedNow + 30 * day,
    ...over,
  });
}

const identified = (issuer: Uint8Array, subject: Uint8Array) => [
  ext.subjectKeyIdentifier(keyIdentifier(subject)),
  ext.authorityKeyIdentifier(keyIdentifier(issuer)),
];
const everyAddress: readonly GeneralName[] = ["0.0.0.0/0", "::/0"].map((value) => ({ type: "ip", value }));
const caUsage = ext.keyUsage(["keyCertSign", "cRLSign"]);

/** @param issuerId stands in the status URLs of a leaf */
export const tbsSeeds = (issuerId = "1") => {
  const sans: GeneralName[] = [
    { type: "dns", value: "www.example.test" },
    { type: "dns", value: "*.example.test" },
  ];
  const mixed: GeneralName[] = [
    ...sans,
    { type: "ip", value: "192.0.2.7" },
    { type: "ip", value: "2001:db8::1" },
    { type: "email", value: "ops@example.test" },
    { type: "uri", value: "spiffe://example.test/web" },
  ];
  const leaf = (names: readonly GeneralName[]) =>
    tbs({
      spki: spkis.leaf,
      extensions: [
        ...identified(spkis.ca, spkis.leaf),
        ext.keyUsage(["digitalSignature"]),
        ext.extKeyUsage(["serverAuth", "clientAuth"]),
        ext.subjectAltName(names),
        ext.basicConstraints(false),
        ext.authorityInfoAccess({
          ocsp: [`${seedBase}/ocsp/${issuerId}`],
          caIssuers: [`${seedBase}/ca/${issuerId}.cer`],
        }),
        ext.crlDistributionPoints([`${seedBase}/crl/${issuerId}/0.crl`]),
      ],
    });
  const authority = {
    signatureAlgorithm: algorithm,
    serial: Uint8Array.from({ length: 12 }, (_, i) => 0x31 + i),
  } as const;
  return {
    root: tbs({
      ...authority,
      issuerNameDer: seedNames.root,
      subjectNameDer: seedNames.root,
      notAfterMs: seedNow + 3650 * day,
      spki: spkis.root,
      extensions: [ext.basicConstraints(true), caUsage, ...identified(spkis.root, spkis.root)],
    }),
    ca: tbs({
      ...authority,
      serial: Uint8Array.from({ length: 12 }, (_, i) => 0x41 + i),
      issuerNameDer: seedNames.root,
      subjectNameDer: seedNames.ca,
      notAfterMs: seedNow + 1000 * day,
      spki: spkis.ca,
      extensions: [
        ext.basicConstraints(true, 0),
        caUsage,
        ...identified(spkis.root, spkis.ca),
        ext.nameConstraints({ permitted: [{ type: "dns", value: "example.test" }], excluded: everyAddress }),
      ],
    }),
    responder: tbs({
      spki: spkis.ocsp,
      subjectNameDer: nameDer(commonName("Acme OCSP")),
      extensions: [
        ...identified(spkis.ca, spkis.ocsp),
        ext.keyUsage(["digitalSignature"]),
        ext.extKeyUsage(["OCSPSigning"]),
        ext.basicConstraints(false),
        ext.ocspNoCheck(),
      ],
    }),
    ra: tbs({
      serial: Uint8Array.from({ length: 16 }, (_, i) => 0x21 + i),
      spki: spkis.rsa,
      subjectNameDer: seedNames.ra,
      notAfterMs: seedNow + 29 * day,
      extensions: [
        ...identified(spkis.ca, spkis.rsa),
        ext.keyUsage(["digitalSignature", "keyEncipherment"]),
        ext.extKeyUsage(["cmcRA"]),
        ext.noRevAvail(),
      ],
    }),
    leaf: leaf(sans),
    leafOfAllKinds: leaf(mixed),
    rsa: tbs({ spki: spkis.rsa, extensions: [ext.subjectAltName(mixed, true)], notAfterMs: Date.UTC(2060, 1, 1) }),
    ed25519: tbs({ spki: spkis.ed25519, extensions: [ext.basicConstraints(true, 3)] }),
    p521: tbs({ spki: spkis.p521, extensions: [ext.keyUsage(["keyAgreement", "decipherOnly"])] }),
  };
};

export const crlSeeds = () => {
  const spec = {
    signatureAlgorithm: algorithm,
    issuerNameDer: seedNames.ca,
    thisUpdateMs: seedNow,
    nextUpdateMs: seedNow + day,
    number: 7,
    authorityKeyId: keyIdentifier(spkis.ca),
    distributionPointUrl: `${seedBase}/crl/1/0.crl`,
  } as const;
  const entries = (["keyCompromise", "unspecified", "superseded"] as const).map((reason, i) => ({
    serial: `5${i}51525354555657`,
    revokedAtMs: seedNow - day,
    reason,
  }));
  return {
    empty: buildTbsCertList({ ...spec, entries: [] }),
    full: buildTbsCertList({ ...spec, entries }),
    delta: buildTbsCertList({ ...spec, entries, baseCrlNumber: 3 }),
  };
};

const certIds = () =>
  (["sha1", "sha256"] as const).map((hash) => certIdFor(seedNames.ca, spkis.ca, "5152535455565758", hash));

export const ocspDataSeeds = () =>
  certIds().flatMap((certId, i) =>
    [
      { type: "good" } as const,
      { type: "unknown" } as const,
      { type: "revoked", atMs: seedNow - day, reason: "keyCompromise" } as const,
      { type: "revoked", atMs: seedNow - day, reason: "unspecified" } as const,
    ].map((status) =>
      buildTbsResponseData({
        responderKeyHash: keyIdentifier(spkis.ocsp),
        producedAtMs: seedNow,
        responses: [{ certId, status, thisUpdateMs: seedNow, nextUpdateMs: seedNow + day / 2 }],
        ...(i === 1 && { nonce: new Uint8Array(16) }),
      }),
    ),
  );

export const ocspResponseSeeds = (): Uint8Array[] => [
  ...ocspDataSeeds()
    .slice(0, 3)
    .map((data) => assembleBasicResponse(data, algorithm, signature, [signedFiller(tbsSeeds().responder)])),
  ocspErrorResponse("tryLater"),
  ocspErrorResponse("unauthorized"),
];

const hexed = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

export const ocspRequestSeeds = (): Uint8Array[] => [
  ...certIds().map(({ der }) => sequence(sequence(sequence(sequence(der))))),
  // With a nonce (RFC 9654), and with an unknown extension that is not critical.
  ...certIds().map(({ der }) =>
    sequence(
      sequence(
        sequence(sequence(der), sequence(der)),
        hexed("a221 301f 301d 0609 2b0601050507300102 0410 040e 000102030405060708090a0b0c0d"),
      ),
    ),
  ),
  ...certIds().map(({ der }) => sequence(sequence(sequence(sequence(der, hexed("a00b 3009 3007 0603 2a0304 0400")))))),
];

const minimal = `[req]
prompt=no
distinguished_name=dn
[dn]
CN=a.example
`;

let csrs: Uint8Array[] | undefined;

/** By openssl, with a signature that holds. */
export const csrSeeds = (): Uint8Array[] =>
  (csrs ??= [
    opensslCsr(csrConfig),
    opensslCsr(minimal),
    opensslCsr(minimal, ["-newkey", "ed25519"]),
    opensslCsr(minimal, ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    opensslCsr(csrConfig, ["-newkey", "rsa:1024"]),
  ]);

/** Names, keys, identifiers: everything of these certificates that stands as an element of its own. */
export const nameSeeds = (): Uint8Array[] => [
  ...Object.values(seedNames),
  nameDer([[{ type: "C", value: "DE" }], [{ type: "1.2.3", value: "#0500" }], [{ type: "CN", value: "ü" }]]),
  nameDer([
    [
      { type: "CN", value: 'a "b", <c>; \\+#' },
      { type: "UID", value: " x " },
    ],
    [{ type: "DC", value: "example" }],
    [{ type: "emailAddress", value: "a@example.test" }],
    [{ type: "serialNumber", value: "7" }],
  ]),
];
