/** Every policy, and what they say of the templates of a deployment. */
import type { Deployment } from "../context.ts";
import { boundaries, functionSettings, ownRoles } from "./functions.ts";
import { cheapWhenIdle } from "./idle-cost.ts";
import { adminByOperators, signerByFunctions } from "./invocations.ts";
import { sizes, throttles } from "./limits.ts";
import { noWildcards } from "./no-wildcards.ts";
import { oneSigner } from "./one-signer.ts";
import type { Policy } from "./policy.ts";
import { buckets, keys, queues, tables } from "./recovery.ts";
import { oneDirection } from "./references.ts";
import { registered } from "./registry.ts";
import { copyOfAll } from "./restore-drill.ts";
import { canonical, type Templates } from "./templates.ts";
import { directoryUsers, parameterReaders, tenantRoleAlone, tenantRoleTrust } from "./tenant-data.ts";

export const policies: readonly Policy[] = [
  oneSigner,
  noWildcards,
  tenantRoleAlone,
  tenantRoleTrust,
  directoryUsers,
  parameterReaders,
  copyOfAll,
  ownRoles,
  boundaries,
  functionSettings,
  registered,
  adminByOperators,
  signerByFunctions,
  tables,
  buckets,
  keys,
  queues,
  throttles,
  sizes,
  oneDirection,
  cheapWhenIdle,
];

/** @returns `<policy>: <what is wrong, and where>`; nothing when all hold */
export function policyProblems(templates: Templates, deployment: Deployment): string[] {
  const written = canonical(templates);
  return policies.flatMap((policy) => policy.check(written, deployment).map((problem) => `${policy.name}: ${problem}`));
}
