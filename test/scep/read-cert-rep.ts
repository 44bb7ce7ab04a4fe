/** A CertRep as a client reads it (RFC 8894 3.3.2): its signature and every attribute checked. */
import { decryptContent } from "#shared/crypto/content-cipher";
import { parseEnvelopedData } from "#shared/pki/cms/enveloped-data";
import { identifies } from "#shared/pki/cms/identifier";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { readSignerCertificate } from "#shared/pki/cms/signer-certificate";
import { signerAlgorithm, verifySigner } from "#shared/pki/cms/verify-signer";
import { cmsAttributeOids } from "#shared/pki/oids";
import type { RsaSigner } from "./rsa.ts";

export interface ReadCertRep {
  readonly transactionId: string;
  readonly messageType: string;
  readonly status: string;
  readonly failInfo: string | undefined;
  readonly text: string | undefined;
  readonly recipientNonce: Uint8Array;
  /** Content of the SignedData: the envelope. */
  readonly envelope: Uint8Array | undefined;
}

/** RFC 8894 3.2.1.3, 3.2.1.4: written down anew, so that a slip in ours is seen. */
const pkiStatus = { SUCCESS: 0, FAILURE: 2, PENDING: 3 };
const failInfo = { badAlg: 0, badMessageCheck: 1, badRequest: 2, badTime: 3, badCertId: 4 };

const nameOf = (table: Readonly<Record<string, number>>, value: string | undefined): string | undefined =>
  Object.keys(table).find((name) => String(table[name]) === value);

/** @param signedBy the certificate that must have signed, DER */
export async function readCertRep(der: Uint8Array, signedBy: Uint8Array): Promise<ReadCertRep> {
  const data = parseSignedData(der, { maxBytes: 1 << 20 });
  const [signer, ...others] = data.signers;
  const certificate = readSignerCertificate(signedBy);
  const algorithm = signer && signerAlgorithm(signer);
  if (signer === undefined || others.length > 0 || algorithm === undefined) throw new Error("CertRep: not one signer");
  if (!identifies(signer.signer, certificate)) throw new Error("CertRep: signed by another one");
  if (!(await verifySigner(data, signer, certificate.key, algorithm)))
    throw new Error("CertRep: the signature is wrong");
  const value = (name: keyof typeof cmsAttributeOids): Uint8Array | undefined =>
    signer.attributes.get(cmsAttributeOids[name])?.[0]?.content;
  const text = (name: keyof typeof cmsAttributeOids): string | undefined => {
    const bytes = value(name);
    return bytes && Buffer.from(bytes).toString();
  };
  if (value("senderNonce")?.length !== 16) throw new Error("CertRep: senderNonce");
  return {
    transactionId: text("transactionID") ?? "",
    messageType: text("messageType") ?? "",
    status: nameOf(pkiStatus, text("pkiStatus")) ?? "",
    failInfo: nameOf(failInfo, text("failInfo")),
    text: text("failInfoText"),
    recipientNonce: value("recipientNonce") ?? new Uint8Array(0),
    envelope: data.content,
  };
}

/** What a CertRep brings: certificates or CRLs in a SignedData of their own, DER. */
export function openEnvelope(envelope: Uint8Array, key: RsaSigner): { cipher: string; content: Uint8Array } {
  const { recipients, encryption, ciphertext } = parseEnvelopedData(envelope, { maxBytes: 1 << 20 });
  const [recipient] = recipients;
  if (recipient === undefined || "unknown" in encryption) throw new Error("CertRep: no envelope for us");
  const { cipher, iv } = encryption;
  const content = decryptContent(cipher, { key: key.decrypt(recipient.encryptedKey), iv, ciphertext });
  if (content === undefined) throw new Error("CertRep: the envelope does not open");
  return { cipher, content };
}
