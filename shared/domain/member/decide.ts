import { covers, type RoleName, roles } from "#shared/contracts/permissions";
import { Failure } from "#shared/kernel/failure";
import type { Member, MemberEvent } from "./member.ts";

export interface PutMember {
  readonly display_name: string | null;
  readonly email: string | null;
  readonly roles: readonly RoleName[];
  readonly held: readonly string[];
}

/** @throws Failure `forbidden` when a role that is given or taken grants more than the caller holds. */
export function decidePutMember(command: PutMember, before: Member | undefined): MemberEvent {
  const had = (before?.status === "active" ? before.roles : []) as readonly RoleName[];
  const changed = [
    ...command.roles.filter((role) => !had.includes(role)),
    ...had.filter((role) => !command.roles.includes(role)),
  ];
  const beyond = changed.filter((role) => roles[role].some((permission) => !covers(command.held, permission)));
  if (beyond.length > 0)
    throw new Failure("forbidden", `you do not hold everything that ${beyond.join(", ")} grants`, { field: "roles" });
  const { display_name, email } = command;
  return { type: "member.upserted", data: { display_name, email, roles: [...new Set(command.roles)] } };
}

/** @throws Failure `conflict` when offboarded already. */
export function decideOffboardMember(member: Member, reason: string | null): MemberEvent {
  if (member.status === "offboarded")
    throw new Failure("conflict", "the member is offboarded already", { field: "subject" });
  return { type: "member.offboarded", data: { reason, generation: (member.generation ?? 0) + 1 } };
}
