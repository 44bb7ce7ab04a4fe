import { type Rule, unless } from "./rule.ts";

const signing = new Set(["digitalSignature", "nonRepudiation", "keyCertSign", "cRLSign"]);

/** Where keyUsage is there, only usages of a signature key; that it names one at all, the reader sees to. */
export const signatureOnlyUsage = (code: string, source: string, algorithms: readonly string[]): Rule => ({
  code,
  source,
  check: ({ key, keyUsage }) => {
    if (keyUsage === undefined || !algorithms.includes(key.algorithm)) return [];
    const others = keyUsage.filter((usage) => !signing.has(usage));
    return unless(others.length === 0, `a ${key.algorithm} key is not for ${others.join(", ")}`);
  },
});
