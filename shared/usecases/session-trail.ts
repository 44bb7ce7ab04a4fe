/**
 * What becomes of sessions stands in the tenant's log: who, by what, when; never a secret (I3). Only what succeeded: whoever is
 * refused is nobody yet, and must not be able to fill a log.
 */
import type { PersonEvent } from "#shared/domain/person/person";
import { change } from "./commit.ts";
import type { Call } from "./deps.ts";
import type { Session, SessionDeps } from "./session-store.ts";

/** @param by default the person */
export async function noteSession(
  deps: Pick<SessionDeps, "log" | "clock">,
  { tenant, subject, roles, id }: Session,
  event: PersonEvent,
  by: Call = { principal: { tenant, subject, roles, scopes: [] }, operation: id },
): Promise<void> {
  await change(deps, by, async () => ({ stream: await deps.log.load(tenant, "person", subject), event }));
}

type Ended = Extract<PersonEvent, { readonly type: "person.sessions-ended" }>["data"];

/** @param by who ended them */
export async function noteEnd(
  deps: Pick<SessionDeps, "log" | "clock">,
  by: Call,
  subject: string,
  data: Ended,
): Promise<void> {
  const { tenant } = by.principal;
  await change(deps, by, async () => ({
    stream: await deps.log.load(tenant, "person", subject),
    event: { type: "person.sessions-ended", data },
  }));
}
