/** PKIStatusInfo (RFC 9810 5.2.3) and ErrorMsgContent (5.3.21). */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readNamedBits, readSmallInteger } from "../der/reader.ts";
import { integer, namedBits, sequence, sequenceOf } from "../der/writer.ts";
import { freeText, parseFreeText } from "./free-text.ts";

export const pkiStatusCodes = {
  accepted: 0,
  grantedWithMods: 1,
  rejection: 2,
  waiting: 3,
  revocationWarning: 4,
  revocationNotification: 5,
  keyUpdateWarning: 6,
} as const;
export type PkiStatus = keyof typeof pkiStatusCodes;

/** Bit numbers of PKIFailureInfo. */
export const failureInfoBits = {
  badAlg: 0,
  badMessageCheck: 1,
  badRequest: 2,
  badTime: 3,
  badCertId: 4,
  badDataFormat: 5,
  wrongAuthority: 6,
  incorrectData: 7,
  missingTimeStamp: 8,
  badPOP: 9,
  certRevoked: 10,
  certConfirmed: 11,
  wrongIntegrity: 12,
  badRecipientNonce: 13,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  badSenderNonce: 18,
  badCertTemplate: 19,
  signerNotTrusted: 20,
  transactionIdInUse: 21,
  unsupportedVersion: 22,
  notAuthorized: 23,
  systemUnavail: 24,
  systemFailure: 25,
  duplicateCertReq: 26,
} as const;
export type FailureInfo = keyof typeof failureInfoBits;

export interface StatusInfo {
  readonly status: PkiStatus;
  /** For people. */
  readonly text?: string;
  readonly failInfo?: readonly FailureInfo[];
}

const statuses = Object.keys(pkiStatusCodes) as PkiStatus[];
const failures = Object.keys(failureInfoBits) as FailureInfo[];

export const statusInfoDer = ({ status, text, failInfo = [] }: StatusInfo): Uint8Array =>
  sequenceOf([
    integer(pkiStatusCodes[status]),
    ...(text === undefined ? [] : [freeText(text)]),
    ...(failInfo.length === 0 ? [] : [namedBits(failInfo.map((name) => failureInfoBits[name]))]),
  ]);

/** @throws Failure `malformed` */
export function parseStatusInfo(node: DerNode): StatusInfo {
  const fields = new DerFields(node, "PKIStatusInfo");
  const code = readSmallInteger(fields.next("status"), "status", statuses.length - 1);
  const texts = fields.optional(0x30);
  const bits = fields.optional(0x03);
  fields.end();
  const text = texts && parseFreeText(texts).join(" ");
  const failInfo = (bits === undefined ? [] : readNamedBits(bits, "failInfo")).map(
    (bit) => failures[bit] ?? node.fail(`failInfo: bit ${bit} is not defined`),
  );
  return {
    status: statuses[code] as PkiStatus,
    ...(text !== undefined && { text }),
    ...(failInfo.length > 0 && { failInfo }),
  };
}

/** ErrorMsgContent. */
export const errorContent = (info: StatusInfo): Uint8Array => sequence(statusInfoDer(info));

/** The status of an ErrorMsgContent. @throws Failure `malformed` */
export function parseErrorContent(node: DerNode): StatusInfo {
  const fields = new DerFields(node, "ErrorMsgContent");
  const info = parseStatusInfo(fields.next("pKIStatusInfo"));
  fields.optional(0x02);
  fields.optional(0x30);
  fields.end();
  return info;
}
