/** How CMS names a certificate (RFC 5652 5.3, 6.2.1, 10.2.4): by issuer and serial number, or by its key identifier. */
import { sameBytes } from "#shared/kernel/bytes";
import { DerFields } from "../der/fields.ts";
import type { DerNode } from "../der/reader.ts";
import { sequence } from "../der/writer.ts";

export interface IssuerAndSerial {
  /** Name, DER. */
  readonly issuerDer: Uint8Array;
  /** The whole INTEGER: certificates that clients sign for themselves have any. */
  readonly serialDer: Uint8Array;
}

export type CertificateIdentifier = IssuerAndSerial | { readonly keyIdentifier: Uint8Array };

/** @throws Failure `malformed` */
export function readIssuerAndSerial(node: DerNode): IssuerAndSerial {
  const fields = new DerFields(node, "IssuerAndSerialNumber");
  const issuerDer = fields.next("issuer", 0x30).raw;
  const serialDer = fields.next("serialNumber", 0x02).raw;
  fields.end();
  return { issuerDer, serialDer };
}

/** SignerIdentifier or RecipientIdentifier. @throws Failure `malformed` */
export const readIdentifier = (node: DerNode): CertificateIdentifier =>
  node.tag === 0x80 ? { keyIdentifier: node.content } : readIssuerAndSerial(node);

export const issuerAndSerial = ({ issuerDer, serialDer }: IssuerAndSerial): Uint8Array =>
  sequence(issuerDer, serialDer);

export function identifies(
  identifier: CertificateIdentifier,
  certificate: IssuerAndSerial & { readonly subjectKeyIdentifier?: Uint8Array | undefined },
): boolean {
  if ("keyIdentifier" in identifier) {
    const own = certificate.subjectKeyIdentifier;
    return own !== undefined && sameBytes(identifier.keyIdentifier, own);
  }
  return (
    sameBytes(identifier.serialDer, certificate.serialDer) && sameBytes(identifier.issuerDer, certificate.issuerDer)
  );
}
