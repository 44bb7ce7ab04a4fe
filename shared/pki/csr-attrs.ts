/** CsrAttrs (RFC 7030 4.5.2, as RFC 8951 4 and RFC 9908 3 have it): what an EST client shall put into its request. */
import { integer, oid, sequence, sequenceOf, set } from "./der/writer.ts";
import type { PublicKeyInfo } from "./key.ts";
import { oids } from "./oids.ts";

/** A bare OID, or one with values. */
export type AttrOrOid = Uint8Array;

type Key = Pick<PublicKeyInfo, "algorithm" | "bits">;

/** @returns the AttrOrOID for a key of this kind (RFC 7030 4.5.2); of RSA keys `bits` is the least that will do */
export function keyAttribute({ algorithm, bits }: Key): AttrOrOid {
  switch (algorithm) {
    case "P-256":
    case "P-384":
    case "P-521":
      return sequence(oid(oids.ecPublicKey), set(oid(oids[algorithm])));
    case "RSA":
      return sequence(oid(oids.rsaEncryption), set(integer(bits)));
    case "RSA-PSS":
      return sequence(oid(oids["id-RSASSA-PSS"]), set(integer(bits)));
    default:
      return oid(oids[algorithm]);
  }
}

/** DER. */
export const csrAttrs = (attributes: readonly AttrOrOid[]): Uint8Array => sequenceOf(attributes);
