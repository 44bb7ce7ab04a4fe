/**
 * Which tenant a person of an identity provider belongs to: by the operator's rules alone, nothing of which comes from the
 * browser. The most specific kind of rule that matches decides: subject, then claim, then group, then the default, where
 * there is one. Its rules must agree on the tenant; of their roles the person gets all (docs/design/0086-tenant-mapping.md).
 */
import { Failure } from "#shared/kernel/failure";
import type { Identified, TenantMapping } from "#shared/ports/identity-provider";

export interface Mapped {
  readonly tenant: string;
  readonly roles: readonly string[];
}

type Rule = TenantMapping["rules"][number];
type Claims = Identified["claims"];

/** @param title of the provider @throws Failure `forbidden` for who is in none, or in several */
export function mapToTenant(mapping: TenantMapping, { subject, claims }: Identified, title: string): Mapped {
  const groups = listOf(claimAt(claims, mapping.groups_claim));
  const kinds: readonly ((rule: Rule) => boolean)[] = [
    (rule) => rule.subject === subject,
    (rule) => rule.claim !== undefined && rule.value !== undefined && holds(claims, rule.claim, rule.value),
    (rule) => rule.group !== undefined && groups.includes(rule.group),
  ];
  const decisive = kinds.map((matches) => mapping.rules.filter(matches)).find((rules) => rules.length > 0);
  const chosen: readonly Mapped[] = decisive ?? (mapping.default === undefined ? [] : [mapping.default]);
  const [first] = chosen;
  const left = groupsLeftOut(mapping, claims);
  if (decisive === undefined && left !== undefined) throw refused("groups_left_out", `${title} ${left}`);
  if (first === undefined)
    throw refused(
      "unmapped",
      `${title} knows you as ${subject}, but nobody has said which tenant here you belong to; ask whoever runs this host to add a rule for you`,
    );
  if (chosen.some(({ tenant }) => tenant !== first.tenant))
    throw refused(
      "several_tenants",
      "you belong to more than one tenant here, and signing in must not guess; ask whoever runs this host for a rule for you alone",
    );
  return { tenant: first.tenant, roles: [...new Set(chosen.flatMap(({ roles }) => roles))] };
}

/** Every tenant that somebody of this provider can be in. */
export const tenantsOf = ({ rules, default: otherwise }: TenantMapping): readonly string[] => [
  ...new Set([...rules.map(({ tenant }) => tenant), ...(otherwise === undefined ? [] : [otherwise.tenant])]),
];

const refused = (reason: string, detail: string): Failure =>
  new Failure("forbidden", detail, { extensions: { reason } });

/** An address that nobody has verified is what its owner typed, who may be anybody. */
function holds(claims: Claims, path: string | readonly string[], value: string | number | boolean): boolean {
  const name = typeof path === "string" ? path : path[0];
  if (name === "email" && claims["email_verified"] !== true) return false;
  return listOf(claimAt(claims, path)).includes(value);
}

function claimAt(claims: Claims, path: string | readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of typeof path === "string" ? [path] : path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Distributed claims (Core 1.0 5.6.2): Entra ID does so above 200 groups, and what is not there cannot be judged. */
function groupsLeftOut({ rules, groups_claim }: TenantMapping, claims: Claims): string | undefined {
  const asked = rules.some(({ group }) => group !== undefined);
  const elsewhere = claimAt(claims, [
    "_claim_names",
    ...(typeof groups_claim === "string" ? [groups_claim] : groups_claim),
  ]);
  if (!asked || elsewhere === undefined) return undefined;
  return "left your groups out of what it sent, because there are too many; ask whoever runs this host to have only the application's own groups sent";
}
