/** CertRep (RFC 8894 3.3.2): every answer that is signed. */
import { utf8 } from "#shared/kernel/bytes";
import { attribute } from "../cms/attributes.ts";
import { buildSignedData } from "../cms/build-signed-data.ts";
import type { IssuerAndSerial } from "../cms/identifier.ts";
import { octetString, printableString, tlv, utf8String } from "../der/writer.ts";
import { type FailInfo, failInfo, messageTypes, pkiStatus, scepAttributes } from "./attributes.ts";

export type CertRepStatus =
  /** ContentInfo of type envelopedData, DER. */
  | { readonly status: "SUCCESS"; readonly envelope: Uint8Array }
  | { readonly status: "PENDING" }
  /** The text is for the person at the client. */
  | { readonly status: "FAILURE"; readonly failInfo: FailInfo; readonly failInfoText: string };

export interface CertRepSpec {
  readonly transactionId: string;
  /** The senderNonce of the request comes back as recipientNonce. */
  readonly recipientNonce: Uint8Array;
  readonly senderNonce: Uint8Array;
  readonly answer: CertRepStatus;
  readonly signer: IssuerAndSerial;
  /** DER of the signer's certificate, then its chain. */
  readonly certificates: readonly Uint8Array[];
  readonly sign: (attributes: Uint8Array) => Promise<Uint8Array>;
}

const number = (value: number): Uint8Array => printableString(String(value));

/** Back to the byte: readers accept characters that `printableString` would not write. */
const transactionText = (text: string): Uint8Array => tlv(0x13, [utf8(text)]);

/** There, and empty: OpenSSL's PKCS7_verify takes content that is not there for content to be given by the caller. */
const nothing = new Uint8Array(0);

/** @returns ContentInfo, DER */
export function buildCertRep(spec: CertRepSpec): Promise<Uint8Array> {
  const { answer } = spec;
  const attributes = [
    attribute(scepAttributes.transactionID, transactionText(spec.transactionId)),
    attribute(scepAttributes.messageType, number(messageTypes.CertRep)),
    attribute(scepAttributes.pkiStatus, number(pkiStatus[answer.status])),
    attribute(scepAttributes.senderNonce, octetString(spec.senderNonce)),
    attribute(scepAttributes.recipientNonce, octetString(spec.recipientNonce)),
  ];
  if (answer.status === "FAILURE") {
    attributes.push(attribute(scepAttributes.failInfo, number(failInfo[answer.failInfo])));
    attributes.push(attribute(scepAttributes.failInfoText, utf8String(answer.failInfoText)));
  }
  return buildSignedData({
    content: answer.status === "SUCCESS" ? answer.envelope : nothing,
    attributes,
    signer: spec.signer,
    certificates: spec.certificates,
    sign: spec.sign,
  });
}
