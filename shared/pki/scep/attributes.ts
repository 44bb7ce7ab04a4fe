/** The attributes that make a CMS message a SCEP message (RFC 8894 3.2.1), and their values. */

const verisign = "2.16.840.1.113733.1.9";

export const scepAttributes = {
  messageType: `${verisign}.2`,
  pkiStatus: `${verisign}.3`,
  failInfo: `${verisign}.4`,
  senderNonce: `${verisign}.5`,
  recipientNonce: `${verisign}.6`,
  transactionID: `${verisign}.7`,
  /** id-scep-failInfoText. */
  failInfoText: "1.3.6.1.5.5.7.24.1",
} as const;

/** RFC 8894 3.2.1.2. */
export const messageTypes = {
  CertRep: 3,
  RenewalReq: 17,
  PKCSReq: 19,
  CertPoll: 20,
  GetCert: 21,
  GetCRL: 22,
} as const;

/** RFC 8894 3.2.1.3. */
export const pkiStatus = { SUCCESS: 0, FAILURE: 2, PENDING: 3 } as const;

/** RFC 8894 3.2.1.4. */
export const failInfo = { badAlg: 0, badMessageCheck: 1, badRequest: 2, badTime: 3, badCertId: 4 } as const;
export type FailInfo = keyof typeof failInfo;
