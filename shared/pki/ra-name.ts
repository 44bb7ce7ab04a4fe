/**
 * The name of an RA: by it a CMP client may know whom to believe (RFC 9810 5.1.1), and any leaf under the same root could
 * be called so. Host and signer make it by the same rule, so that the signer gives it to an RA and to nobody else.
 */
import { commonName, type Name } from "./name.ts";

/** @param issuerId see `issuerIdOf` */
export const raName = (issuerId: string, generation: number): Name => commonName(`RA ${issuerId} ${generation}`);

const shape = /^RA ([a-z2-7]{20}) [1-9]\d{0,9}$/;

/** Whose RA is called so, however a relying party compares names (RFC 5280 7.1); undefined: nobody's. */
export function issuerOfRaName(name: Name): string | undefined {
  for (const { value } of name.flat()) {
    const folded = value.normalize("NFKC").trim().replaceAll(/\s+/g, " ");
    const [, issuerId] = shape.exec(folded.replace(/^ra/i, "RA").replace(/ \S+ /, (id) => id.toLowerCase())) ?? [];
    if (issuerId !== undefined) return issuerId;
  }
  return undefined;
}
