import { type Rule, unless } from "./rule.ts";

/** Positive, at most 20 octets with the sign octet, room for 64 random bits. */
export const serialNumber: Rule = {
  code: "serial-number",
  source: "RFC 5280 4.1.2.2, CA/B BR 7.1",
  check: ({ serialHex }) => {
    const octets = serialHex.length / 2 + (Number.parseInt(serialHex.slice(0, 2), 16) >= 0x80 ? 1 : 0);
    return [
      ...unless(!/^0+$/.test(serialHex), "serial number must be positive"),
      ...unless(octets <= 20, `serial number takes ${octets} octets, at most 20 are allowed`),
      ...unless(serialHex.length >= 16, `serial number of ${serialHex.length * 4} bits cannot hold 64 random bits`),
    ];
  },
};
