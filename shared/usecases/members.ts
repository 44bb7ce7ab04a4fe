import { decideOffboardMember, decidePutMember } from "#shared/domain/member/decide";
import type { RoleName } from "#shared/contracts/permissions";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { endSessionsFor } from "./end-sessions.ts";
import { existing } from "./load.ts";
import type { SessionDeps } from "./session-store.ts";

export interface PutMemberCommand {
  readonly subject: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly roles: readonly RoleName[];
}

/** @throws Failure `forbidden` for roles that grant more than the caller holds */
export async function putMember(
  deps: Deps,
  call: Call,
  { subject, displayName, email, roles }: PutMemberCommand,
): Promise<void> {
  const { tenant, scopes: held } = call.principal;
  await change(deps, call, async () => {
    const stream = await deps.log.load(tenant, "member", subject);
    return { stream, event: decidePutMember({ display_name: displayName, email, roles, held }, stream.state) };
  });
}

/** Every token and every session of the member stops working with the commit; what is left of the sessions goes after it. */
export async function offboardMember(
  deps: Deps & SessionDeps,
  call: Call,
  subject: string,
  reason: string | null,
): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "member", subject);
    return { stream, event: decideOffboardMember(stream.state, reason) };
  });
  const { idempotency: _, ...by } = call; // it stands with the member's event
  await endSessionsFor(deps, by, { subject }, "offboarded");
}
