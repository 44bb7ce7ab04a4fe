/** Other parsers, as oracles: what we accept they must accept too. Where they are known to differ, it says so here. */
import { fromBER } from "asn1js";
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
