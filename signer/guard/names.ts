import { sameBytes } from "#shared/kernel/bytes";
import type { TbsCertificate } from "#shared/pki/certificate";
import { generalNameText } from "#shared/pki/general-name";
import { oids } from "#shared/pki/oids";
import { refuse } from "./decision.ts";
import { caNameKey, type KeyLookup } from "./key-state.ts";

/** A leaf that is called as a CA of its tenant could stand in for it. Only the common name has been checked by anybody. */
export function assertFreeName(tbs: TbsCertificate, tenant: string, keys: KeyLookup): void {
  if (sameBytes(tbs.subjectDer, tbs.issuerDer)) refuse("a leaf must not be named as its issuer");
  const holder = keys.caNames.get(caNameKey(tenant, tbs.subject));
  if (holder !== undefined) refuse(`the subject is the name of CA key ${holder.spec.handle}`);
  for (const { type } of tbs.subject.flat())
    if (type !== "CN") refuse(`the subject of a leaf is a common name and nothing else, not ${type}`);
}

/** A key made for some DNS names certifies these and what is below them, and no names of another kind. */
export function assertPermittedNames(tbs: TbsCertificate, permittedDns: readonly string[] | undefined): void {
  for (const name of tbs.sans)
    if (name.type === "other") refuse(`names of kind ${generalNameText(name)} are not signed`);
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

/** Permitted DNS names say nothing about other kinds (RFC 5280 4.2.1.10): addresses are excluded by name. */
const excludedBesideDns = ["ip:0.0.0.0/0", "ip:::/0"];

/** The constraint that the key was made with must stand in its CA certificate, so that relying parties hold it too. */
export function assertNameConstraints(tbs: TbsCertificate, permittedDns: readonly string[] = []): void {
  const stated = tbs.nameConstraints ?? { permitted: [], excluded: [] };
  const limited = permittedDns.length > 0;
  const same = (wanted: readonly string[], found: typeof stated.permitted): boolean =>
    JSON.stringify([...wanted].sort()) === JSON.stringify(found.map(generalNameText).sort());
  if (
    !same(
      permittedDns.map((name) => `dns:${name}`),
      stated.permitted,
    )
  )
    refuse("the name constraints are not those that the key was made with");
  if (!same(limited ? excludedBesideDns : [], stated.excluded))
    refuse("name constraints for DNS names must exclude all IP addresses, and nothing else");
  if (limited && tbs.extensions.get(oids.nameConstraints)?.critical !== true)
    refuse("name constraints must be critical");
}
