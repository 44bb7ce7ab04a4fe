/**
 * The certificate that a message brings for its signer. Clients make one for themselves when they have none yet, with
 * whatever library they have: so only what CMS itself needs is read. It proves nothing but which key signed.
 */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readDer } from "../der/reader.ts";
import { parseExtensions } from "../extension-values.ts";
import { type PublicKeyInfo, parseSpki } from "../key.ts";
import { oids } from "../oids.ts";
import type { IssuerAndSerial } from "./identifier.ts";

export interface SignerCertificate extends IssuerAndSerial {
  /** Name, DER. */
  readonly subjectDer: Uint8Array;
  readonly key: PublicKeyInfo;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly der: Uint8Array;
}

function keyIdentifierOf(list: DerNode | undefined): Uint8Array | undefined {
  const found = list && parseExtensions(list, "accept").get(oids.subjectKeyIdentifier);
  return found && readDer(found.value, { field: list?.field }).expect(0x04, "subjectKeyIdentifier").content;
}

/** @throws Failure `malformed`, also when the key is of an algorithm that we do not know */
export function readSignerCertificate(der: Uint8Array): SignerCertificate {
  const fields = new DerFields(readDer(der), "Certificate");
  const tbs = new DerFields(fields.next("tbsCertificate"), "TBSCertificate");
  fields.next("signatureAlgorithm", 0x30);
  fields.next("signatureValue", 0x03);
  fields.end();
  tbs.optional(0xa0);
  const serialDer = tbs.next("serialNumber", 0x02).raw;
  tbs.next("signature", 0x30);
  const issuerDer = tbs.next("issuer", 0x30).raw;
  tbs.next("validity", 0x30);
  const subjectDer = tbs.next("subject", 0x30).raw;
  const key = parseSpki(tbs.next("subjectPublicKeyInfo"));
  tbs.optional(0x81);
  tbs.optional(0x82);
  const subjectKeyIdentifier = keyIdentifierOf(tbs.explicit(0xa3, "extensions"));
  tbs.end();
  return { issuerDer, serialDer, subjectDer, key, subjectKeyIdentifier, der };
}
