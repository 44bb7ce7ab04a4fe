/** Addresses that IANA's special-purpose registries (RFC 6890) reserve: nobody can show that they are theirs. */
import type { SubjectName } from "./general-name.ts";
import { withinConstraint } from "./name-constraint.ts";

const ranges: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/8",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];
const bases = ranges.map((value): SubjectName => ({ type: "ip", value }));

/** @param value canonical text (`ip.ts`) */
export const isReservedAddress = (value: string): boolean =>
  bases.some((base) => withinConstraint({ type: "ip", value }, base));
