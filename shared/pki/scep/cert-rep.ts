/** CertRep (RFC 8894 3.3.2): every answer that is signed. */
import { sha256 } from "#shared/crypto/hash";
import { buildSignedData } from "../cms/build-signed-data.ts";
import type { IssuerAndSerial } from "../cms/identifier.ts";
import { certRepAttributes, type FailInfo } from "./cert-rep-attributes.ts";

export type CertRepStatus =
  /** ContentInfo of type envelopedData, DER. */
  | { readonly status: "success"; readonly envelope: Uint8Array }
  | { readonly status: "pending" }
  /** The text is for the person at the client; 1 to 255 characters. */
  | { readonly status: "failure"; readonly failInfo: FailInfo; readonly failInfoText: string };

export interface CertRepSpec {
  readonly transactionId: string;
  /** The senderNonce of the request comes back as recipientNonce. */
  readonly recipientNonce: Uint8Array;
  /** 16 octets. */
  readonly senderNonce: Uint8Array;
  readonly answer: CertRepStatus;
  readonly signer: IssuerAndSerial;
  /** DER of the signer's certificate, then whatever else goes with it. */
  readonly certificates: readonly Uint8Array[];
  readonly sign: (attributes: Uint8Array) => Promise<Uint8Array>;
}

/** There, and empty: OpenSSL's PKCS7_verify takes content that is not there for content to be given by the caller. */
const nothing = new Uint8Array(0);

/** @returns ContentInfo, DER */
export function buildCertRep(spec: CertRepSpec): Promise<Uint8Array> {
  const { answer, transactionId, senderNonce, recipientNonce, signer, certificates, sign } = spec;
  const content = answer.status === "success" ? answer.envelope : nothing;
  const { status } = answer;
  const why = status === "failure" ? { failInfo: answer.failInfo, failInfoText: answer.failInfoText } : {};
  const messageDigest = sha256(content);
  const attributes = certRepAttributes({ messageDigest, transactionId, status, ...why, senderNonce, recipientNonce });
  return buildSignedData({ content, attributes, signer, certificates, sign });
}
