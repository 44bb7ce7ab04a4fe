/** SignedData with signed attributes by one RSA key (RFC 5652 5.3). */
import { implicitConstructed, integer, null_, octetString, oid, explicit, sequence, set } from "../der/writer.ts";
import { oids } from "../oids.ts";
import { contentTypes, digestAlgorithm } from "./algorithms.ts";
import { contentInfo } from "./content-info.ts";
import { type IssuerAndSerial, issuerAndSerial } from "./identifier.ts";

export interface SignedDataSpec {
  /** Of type data. */
  readonly content: Uint8Array;
  /** DER of SET OF Attribute, with the content's type and SHA-256 among them. */
  readonly attributes: Uint8Array;
  readonly signer: IssuerAndSerial;
  /** DER of each. */
  readonly certificates: readonly Uint8Array[];
  /** Signs the DER of SET OF Attribute: sha256WithRSAEncryption. */
  readonly sign: (attributes: Uint8Array) => Promise<Uint8Array>;
}

/** @returns ContentInfo, DER */
export async function buildSignedData(spec: SignedDataSpec): Promise<Uint8Array> {
  const { content, signer, certificates, attributes } = spec;
  const signature = await spec.sign(attributes);
  const implicitSet = attributes.slice();
  implicitSet[0] = 0xa0;
  const rsa = sequence(oid(oids.rsaEncryption), null_());
  const info = sequence(
    integer(1),
    issuerAndSerial(signer),
    digestAlgorithm("sha256"),
    implicitSet,
    rsa,
    octetString(signature),
  );
  const encapsulated = sequence(oid(contentTypes.data), explicit(0, octetString(content)));
  return contentInfo(
    "signedData",
    sequence(
      integer(1),
      set(digestAlgorithm("sha256")),
      encapsulated,
      implicitConstructed(0, ...certificates),
      set(info),
    ),
  );
}
