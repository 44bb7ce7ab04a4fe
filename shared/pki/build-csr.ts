/** PKCS#10 CertificationRequest (RFC 2986 4) for keys that are made here. */
import { bitString, explicit, integer, oid, sequence, set } from "./der/writer.ts";
import { subjectAltName } from "./extensions.ts";
import type { GeneralName } from "./general-name.ts";
import { type Name, nameDer } from "./name.ts";
import { oids } from "./oids.ts";
import { algorithmIdentifier, type SignatureAlgorithm } from "./signature-algorithm.ts";

export interface CsrSpec {
  readonly subject: Name;
  readonly names: readonly GeneralName[];
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Signs CertificationRequestInfo; ECDSA as DER. */
  readonly sign: (requestInfo: Uint8Array) => Uint8Array;
}

/** @returns DER */
export function buildCsr({ subject, names, spki, signatureAlgorithm, sign }: CsrSpec): Uint8Array {
  const extensionRequest = sequence(oid(oids.extensionRequest), set(sequence(subjectAltName(names, false))));
  const info = sequence(integer(0), nameDer(subject), spki, explicit(0, extensionRequest));
  return sequence(info, algorithmIdentifier(signatureAlgorithm), bitString(sign(info)));
}
