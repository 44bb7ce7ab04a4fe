/** CertId of CRMF (RFC 4211 6.5): issuer and serial number. Not the CertID of OCSP. */
import { DerFields } from "../der/fields.ts";
import type { DerNode } from "../der/reader.ts";
import { integer, sequence } from "../der/writer.ts";
import { readSerial, serialBytes } from "../serial.ts";
import { directoryName } from "./header.ts";

export interface IssuerAndSerial {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly serialHex: string;
}

/** @throws Failure `malformed`, also when the issuer is not a directoryName */
export function parseCrmfCertId(node: DerNode): IssuerAndSerial {
  const fields = new DerFields(node, "CertId");
  const [issuer] = fields.next("issuer", 0xa4).children();
  const serialHex = readSerial(fields.next("serialNumber"));
  fields.end();
  if (issuer === undefined) return node.fail("CertId: empty issuer");
  return { issuer: issuer.expect(0x30, "issuer").raw, serialHex };
}

export const crmfCertIdDer = ({ issuer, serialHex }: IssuerAndSerial): Uint8Array =>
  sequence(directoryName(issuer), integer(serialBytes(serialHex)));
