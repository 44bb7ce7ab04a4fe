/** PKCS #10 with a challengePassword (RFC 2985 5.4.1), as SCEP clients make it. */
import { bitString, implicitConstructed, integer, oid, sequence, set, utf8String } from "#shared/pki/der/writer";
import { subjectAltName } from "#shared/pki/extensions";
import { canonicalName } from "#shared/pki/general-name";
import { type Name, nameDer } from "#shared/pki/name";
import { oids } from "#shared/pki/oids";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import type { ScepSigner } from "./message.ts";

export interface RequestSpec {
  readonly signer: ScepSigner;
  readonly subject: Name;
  readonly names: readonly string[];
  readonly challenge?: string | undefined;
  /** Who signs it, when it is not the key that it carries. */
  readonly signedBy?: ScepSigner;
}

/** @returns DER */
export function certificationRequest({
  signer,
  subject,
  names,
  challenge,
  signedBy = signer,
}: RequestSpec): Uint8Array {
  const sans = names.map((name) => canonicalName("dns", name));
  const attributes = [
    ...(challenge === undefined ? [] : [sequence(oid(oids.challengePassword), set(utf8String(challenge)))]),
    ...(names.length === 0 ? [] : [sequence(oid(oids.extensionRequest), set(sequence(subjectAltName(sans, false))))]),
  ];
  const info = sequence(integer(0), nameDer(subject), signer.spki, implicitConstructed(0, ...attributes));
  const algorithm = signer.kind === "RSA" ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
  return sequence(info, algorithmIdentifier(algorithm), bitString(signedBy.sign("sha256", info)));
}
