/** Object identifiers of CMP and CRMF, by the name that their standard gives them. */

/** RFC 9810 5.1.3.1, RFC 9481 6, RFC 8018 A. */
export const macOids = {
  passwordBasedMac: "1.2.840.113533.7.66.13",
  PBMAC1: "1.2.840.113549.1.5.14",
  PBKDF2: "1.2.840.113549.1.5.12",
  "HMAC-SHA1": "1.3.6.1.5.5.8.1.2",
  hmacWithSHA1: "1.2.840.113549.2.7",
  hmacWithSHA256: "1.2.840.113549.2.9",
  hmacWithSHA384: "1.2.840.113549.2.10",
  hmacWithSHA512: "1.2.840.113549.2.11",
} as const;

/** InfoTypeAndValue (RFC 9810 5.3.19, RFC 9483 4.3). */
export const infoTypeOids = {
  caProtEncCert: "1.3.6.1.5.5.7.4.1",
  signKeyPairTypes: "1.3.6.1.5.5.7.4.2",
  encKeyPairTypes: "1.3.6.1.5.5.7.4.3",
  preferredSymmAlg: "1.3.6.1.5.5.7.4.4",
  caKeyUpdateInfo: "1.3.6.1.5.5.7.4.5",
  currentCRL: "1.3.6.1.5.5.7.4.6",
  unsupportedOIDs: "1.3.6.1.5.5.7.4.7",
  keyPairParamReq: "1.3.6.1.5.5.7.4.10",
  keyPairParamRep: "1.3.6.1.5.5.7.4.11",
  revPassphrase: "1.3.6.1.5.5.7.4.12",
  implicitConfirm: "1.3.6.1.5.5.7.4.13",
  confirmWaitTime: "1.3.6.1.5.5.7.4.14",
  origPKIMessage: "1.3.6.1.5.5.7.4.15",
  suppLangTags: "1.3.6.1.5.5.7.4.16",
  caCerts: "1.3.6.1.5.5.7.4.17",
  rootCaKeyUpdate: "1.3.6.1.5.5.7.4.18",
  certReqTemplate: "1.3.6.1.5.5.7.4.19",
  rootCaCert: "1.3.6.1.5.5.7.4.20",
  certProfile: "1.3.6.1.5.5.7.4.21",
  crlStatusList: "1.3.6.1.5.5.7.4.22",
  crls: "1.3.6.1.5.5.7.4.23",
  KemCiphertextInfo: "1.3.6.1.5.5.7.4.24",
} as const;
export type InfoTypeName = keyof typeof infoTypeOids;

/** Controls of a certificate request (RFC 4211 6, RFC 9483 4.3.3). */
export const controlOids = {
  regToken: "1.3.6.1.5.5.7.5.1.1",
  authenticator: "1.3.6.1.5.5.7.5.1.2",
  pkiPublicationInfo: "1.3.6.1.5.5.7.5.1.3",
  pkiArchiveOptions: "1.3.6.1.5.5.7.5.1.4",
  oldCertID: "1.3.6.1.5.5.7.5.1.5",
  protocolEncrKey: "1.3.6.1.5.5.7.5.1.6",
  altCertTemplate: "1.3.6.1.5.5.7.5.1.7",
  algId: "1.3.6.1.5.5.7.5.1.11",
  rsaKeyLen: "1.3.6.1.5.5.7.5.1.12",
} as const;
