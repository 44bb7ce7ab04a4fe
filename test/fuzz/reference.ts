/** Other parsers, as oracles: what we accept they must accept too. Where they are known to differ, it says so here. */
import { fromBER } from "asn1js";
import type { Name } from "#shared/pki/name";
import { holds } from "./target.ts";

/**
 * Known difference: asn1js converts times and strings at once, also in values whose type we do not know and pass over; it
 * throws at those that cannot be converted. Its structure must be ours all the same.
 */
export function asn1jsReads(der: Uint8Array): void {
  let offset: number;
  try {
    ({ offset } = fromBER(Uint8Array.from(der)));
  } catch {
    return;
  }
  holds(offset === der.length, `asn1js reads ${offset} of ${der.length} bytes`);
}

/**
 * Known difference: OpenSSL refuses names with an attribute whose value is no character string; RFC 5280 4.1.2.4 has it of
 * any type, and we keep it as the hex of its DER.
 * @param names of the certificate
 * @returns undefined where it is known to refuse what we read
 */
export function opensslReads<T>(names: readonly Name[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (names.flat(2).some(({ value }) => value.startsWith("#"))) return undefined;
    throw error;
  }
}
