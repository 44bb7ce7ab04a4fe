import { dnsNameProblem } from "../identifier.ts";
import { ipBytes, ipText } from "../ip.ts";
import { isCa, type Rule, unless } from "./rule.ts";

/** The address or DNS name that a common name reads as; a single label is just a word. */
function hostOf(text: string): string | undefined {
  const address = ipBytes(text);
  if (address !== undefined) return ipText(address);
  const name = text.toLowerCase();
  return name.includes(".") && dnsNameProblem(name) === undefined ? name : undefined;
}

/** Old clients match the common name: it must not say more than the SAN. */
export const commonNameInSan: Rule = {
  code: "common-name-in-san",
  source: "CA/B BR 7.1.4.3",
  check: (tbs) => {
    if (isCa(tbs)) return [];
    const names = new Set(tbs.sans.map((name) => (name.type === "dns" || name.type === "ip" ? name.value : "")));
    return tbs.subject.flat().flatMap(({ type, value }) => {
      const host = type === "CN" ? hostOf(value) : undefined;
      return unless(
        host === undefined || names.has(host),
        `common name ${JSON.stringify(value)} is not in the subjectAltName`,
      );
    });
  },
};
