import type { TbsCertificate } from "#shared/pki/certificate";
import { refuse } from "./decision.ts";

/** A key made for some DNS names certifies these and what is below them, and no names of another kind. */
export function assertPermittedNames(tbs: TbsCertificate, permittedDns: readonly string[] | undefined): void {
  if (permittedDns === undefined || permittedDns.length === 0) return;
  const within = (name: string): boolean => {
    const host = name.replace(/^\*\./, "").toLowerCase();
    return permittedDns.some((domain) => host === domain || host.endsWith(`.${domain}`));
  };
  for (const name of tbs.sans) {
    if (name.type !== "dns") refuse(`this key certifies DNS names only, not ${name.type}`);
    else if (!within(name.value)) refuse(`${name.value} is outside the names of this key (${permittedDns.join(", ")})`);
  }
  for (const { type, value } of tbs.subject.flat()) {
    if (type === "CN" && !within(value)) refuse(`common name ${value} is outside the names of this key`);
  }
}
