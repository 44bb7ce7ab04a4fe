import { sameBytes } from "#shared/kernel/bytes";
import type { TbsCertificate } from "#shared/pki/certificate";
import { type GeneralName, generalNameText } from "#shared/pki/general-name";
import { constraintsOf, narrower, type PermittedNames, withinConstraint } from "#shared/pki/name-constraint";
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

/** A key made for some names certifies these DNS names and what is below them, these addresses, and no names of another kind. */
export function assertPermittedNames(tbs: TbsCertificate, limits: PermittedNames): void {
  for (const name of tbs.sans)
    if (name.type === "other") refuse(`names of kind ${generalNameText(name)} are not signed`);
  const { permittedDns = [], permittedIps = [] } = limits;
  if (permittedDns.length === 0) return;
  const domains = permittedDns.map((value) => ({ type: "dns", value }) as const);
  const ranges = permittedIps.map((value) => ({ type: "ip", value }) as const);
  const within = (name: GeneralName): boolean => [...domains, ...ranges].some((base) => withinConstraint(name, base));
  const all = [...domains, ...ranges].map(({ value }) => value).join(", ");
  for (const name of tbs.sans) {
    if (name.type === "other" || within(name)) continue;
    if (name.type === "dns" || (name.type === "ip" && ranges.length > 0))
      refuse(`${name.value} is outside the names of this key (${all})`);
    refuse(`this key certifies DNS names${ranges.length > 0 ? " and addresses" : ""} only, not ${name.type}`);
  }
  for (const { type, value } of tbs.subject.flat())
    if (type === "CN" && !within({ type: "dns", value }) && !within({ type: "ip", value }))
      refuse(`common name ${value} is outside the names of this key`);
}

/** The constraint that the key was made with must stand in its CA certificate, so that relying parties hold it too. */
export function assertNameConstraints(tbs: TbsCertificate, limits: PermittedNames): void {
  const stated = tbs.nameConstraints ?? { permitted: [], excluded: [] };
  const wanted = constraintsOf(limits);
  const same = (these: readonly GeneralName[], those: readonly GeneralName[]): boolean =>
    JSON.stringify(these.map(generalNameText).sort()) === JSON.stringify(those.map(generalNameText).sort());
  if (!same(wanted.permitted, stated.permitted))
    refuse("the name constraints are not those that the key was made with");
  if (!same(wanted.excluded, stated.excluded))
    refuse("name constraints for DNS names must exclude all IP addresses that they do not permit, and nothing else");
  if (wanted.permitted.length > 0 && tbs.extensions.get(oids.nameConstraints)?.critical !== true)
    refuse("name constraints must be critical");
}

/** A root that is made for some names certifies no CA for others: it is trusted because it cannot. */
export function assertNarrower(subject: PermittedNames, root: PermittedNames): void {
  if (!narrower(subject, root)) refuse("the CA key may certify names that this root may not");
}
