import { type Rule, unless } from "./rule.ts";

/** RSA keys of at least 2048 bits, whole octets. */
export const rsaKeySize: Rule = {
  code: "rsa-key-size",
  source: "CA/B BR 6.1.5",
  check: ({ key }) => {
    if (key.algorithm !== "RSA" && key.algorithm !== "RSA-PSS") return [];
    return [
      ...unless(key.bits >= 2048, `RSA key of ${key.bits} bits; at least 2048 are required`),
      ...unless(key.bits % 8 === 0, `RSA key of ${key.bits} bits; must be a multiple of 8`),
    ];
  },
};
