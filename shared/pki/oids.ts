/** Object identifiers by the name that their standard gives them. */
import type { PostQuantum } from "#shared/kernel/key-algorithm";

export const attributeOids = {
  CN: "2.5.4.3",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  UID: "0.9.2342.19200300.100.1.1",
  DC: "0.9.2342.19200300.100.1.25",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;

/** RFC 5280 4.2, 5.2, 5.3; RFC 6960 4.2.2.2.1, 4.4.1; RFC 8737 6.1; RFC 9608 2. */
export const extensionOids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  issuerAltName: "2.5.29.18",
  basicConstraints: "2.5.29.19",
  cRLNumber: "2.5.29.20",
  reasonCode: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  deltaCRLIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  certificateIssuer: "2.5.29.29",
  nameConstraints: "2.5.29.30",
  cRLDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extKeyUsage: "2.5.29.37",
  freshestCRL: "2.5.29.46",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  subjectInfoAccess: "1.3.6.1.5.5.7.1.11",
  acmeIdentifier: "1.3.6.1.5.5.7.1.31",
  tlsFeature: "1.3.6.1.5.5.7.1.24",
  ocspNonce: "1.3.6.1.5.5.7.48.1.2",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
  noRevAvail: "2.5.29.56",
} as const;

/** RFC 5280 4.2.1.12; RFC 6402 2.10. */
export const keyPurposeOids = {
  anyExtendedKeyUsage: "2.5.29.37.0",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  OCSPSigning: "1.3.6.1.5.5.7.3.9",
  cmcRA: "1.3.6.1.5.5.7.3.28",
} as const;

export const hashOids = {
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
} as const;

/** RFC 5652 4, 5.1. */
export const cmsOids = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
} as const;

/** Of a CertRep, and no others. RFC 5652 4, 11; RFC 8894 3.2, in VeriSign's arc but for the text. */
export const cmsAttributeOids = {
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  messageType: "2.16.840.1.113733.1.9.2",
  pkiStatus: "2.16.840.1.113733.1.9.3",
  failInfo: "2.16.840.1.113733.1.9.4",
  senderNonce: "2.16.840.1.113733.1.9.5",
  recipientNonce: "2.16.840.1.113733.1.9.6",
  transactionID: "2.16.840.1.113733.1.9.7",
  failInfoText: "1.3.6.1.5.5.7.24.1",
} as const;

/** Attributes of a request that ask for more than a certificate: RFC 7030 4.4.1, RFC 6402 2.8. */
export const requestAttributeOids = {
  decryptKeyID: "1.2.840.113549.1.9.16.2.37",
  asymmDecryptKeyID: "1.2.840.113549.1.9.16.2.54",
  changeSubjectName: "1.3.6.1.5.5.7.7.36",
} as const;

/** NIST's arc of signature algorithms; key and signature have the same one (RFC 9881 2, RFC 9909 3). */
export const postQuantumOids = {
  "ML-DSA-44": "2.16.840.1.101.3.4.3.17",
  "ML-DSA-65": "2.16.840.1.101.3.4.3.18",
  "ML-DSA-87": "2.16.840.1.101.3.4.3.19",
  "SLH-DSA-SHA2-128s": "2.16.840.1.101.3.4.3.20",
  "SLH-DSA-SHA2-128f": "2.16.840.1.101.3.4.3.21",
  "SLH-DSA-SHA2-192s": "2.16.840.1.101.3.4.3.22",
  "SLH-DSA-SHA2-192f": "2.16.840.1.101.3.4.3.23",
  "SLH-DSA-SHA2-256s": "2.16.840.1.101.3.4.3.24",
  "SLH-DSA-SHA2-256f": "2.16.840.1.101.3.4.3.25",
  "SLH-DSA-SHAKE-128s": "2.16.840.1.101.3.4.3.26",
  "SLH-DSA-SHAKE-128f": "2.16.840.1.101.3.4.3.27",
  "SLH-DSA-SHAKE-192s": "2.16.840.1.101.3.4.3.28",
  "SLH-DSA-SHAKE-192f": "2.16.840.1.101.3.4.3.29",
  "SLH-DSA-SHAKE-256s": "2.16.840.1.101.3.4.3.30",
  "SLH-DSA-SHAKE-256f": "2.16.840.1.101.3.4.3.31",
} as const satisfies Record<PostQuantum, string>;

export const oids = {
  rsaEncryption: "1.2.840.113549.1.1.1",
  "id-RSASSA-PSS": "1.2.840.113549.1.1.10",
  "id-mgf1": "1.2.840.113549.1.1.8",
  ecPublicKey: "1.2.840.10045.2.1",
  Ed25519: "1.3.101.112",
  "P-256": "1.2.840.10045.3.1.7",
  "P-384": "1.3.132.0.34",
  "P-521": "1.3.132.0.35",
  "ecdsa-with-SHA256": "1.2.840.10045.4.3.2",
  "ecdsa-with-SHA384": "1.2.840.10045.4.3.3",
  "ecdsa-with-SHA512": "1.2.840.10045.4.3.4",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
  sha384WithRSAEncryption: "1.2.840.113549.1.1.12",
  sha512WithRSAEncryption: "1.2.840.113549.1.1.13",
  signingTime: "1.2.840.113549.1.9.5",
  challengePassword: "1.2.840.113549.1.9.7",
  extensionRequest: "1.2.840.113549.1.9.14",
  microsoftExtensionRequest: "1.3.6.1.4.1.311.2.1.14",
  ocsp: "1.3.6.1.5.5.7.48.1",
  ocspBasic: "1.3.6.1.5.5.7.48.1.1",
  caIssuers: "1.3.6.1.5.5.7.48.2",
  ...postQuantumOids,
  ...attributeOids,
  ...extensionOids,
  ...keyPurposeOids,
  ...hashOids,
  ...cmsOids,
  ...cmsAttributeOids,
  ...requestAttributeOids,
} as const;

export type OidName = keyof typeof oids;

/** Reverse of one of the tables above. */
export const byOid = <Name extends string>(table: Readonly<Record<Name, string>>): ReadonlyMap<string, Name> =>
  new Map(Object.entries<string>(table).map(([name, dotted]) => [dotted, name as Name]));

const names = byOid<OidName>(oids);

/** The name, or the dotted form when it is not in the table. */
export const oidName = (dotted: string): string => names.get(dotted) ?? dotted;

/** The dotted form of a name; dotted input passes through. @throws TypeError for an unknown name */
export function oidOf(nameOrDotted: string): string {
  const known = (oids as Readonly<Record<string, string>>)[nameOrDotted];
  if (known !== undefined) return known;
  if (/^[0-2](\.\d+)+$/.test(nameOrDotted)) return nameOrDotted;
  throw new TypeError(`oidOf: no object identifier is named ${nameOrDotted}`);
}
