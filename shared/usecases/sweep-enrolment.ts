/** What time brings about at enrolment endpoints: nobody decided, or nobody needs it any more. */
import { decideRefuseRequest } from "#shared/domain/enrolment-request/decide";
import type { AggregateKind } from "#shared/domain/aggregate";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { Snapshot } from "#shared/ports/event-log";
import { type Change, change } from "./commit.ts";
import { type Call, type Deps, systemCall } from "./deps.ts";
import { sweepNames } from "./endpoint-names.ts";
import { existing } from "./load.ts";
import { isoTime } from "./signed-certificate.ts";

const day = 86_400_000;
const keepExpiredCredentialsMs = 30 * day;
const keepDecidedRequestsMs = 90 * day;
/** The next round goes on where this one ended. */
const perRound = 500;

export async function sweepEnrolment(deps: Deps, tenant: string): Promise<void> {
  const now = deps.clock.now();
  const call = systemCall(tenant, "clock", "sweep-enrolment");
  const until = async (kind: AggregateKind, name: string, ms: number): Promise<readonly string[]> => {
    const page = await deps.log.list(tenant, kind, { limit: perRound, view: { name, to: isoTime(ms) } });
    return page.items.map(({ id }) => id);
  };
  for (const id of await until("enrolment-request", "enrolment-requests-pending", now))
    await unlessMoved(change(deps, call, () => lapsed(deps, call, id)));
  for (const id of await until("enrolment-request", "enrolment-requests-decided", now - keepDecidedRequestsMs))
    await unlessMoved(change(deps, call, () => forgotten(deps, call, id)));
  for (const id of await until("enrolment-credential", "enrolment-credentials", now - keepExpiredCredentialsMs))
    await unlessMoved(change(deps, call, () => removed(deps, call, id)));
  await sweepNames(deps, tenant);
}

async function lapsed(deps: Deps, { principal: { tenant } }: Call, id: string): Promise<Change<"enrolment-request">> {
  const stream = await existing(deps, tenant, "enrolment-request", id);
  const endpoint = await existing(deps, tenant, "enrolment-endpoint", stream.state.endpoint);
  return { stream, event: decideRefuseRequest(stream.state, "nobody decided in time"), touches: [endpoint] };
}

async function forgotten(
  deps: Deps,
  { principal: { tenant } }: Call,
  id: string,
): Promise<Change<"enrolment-request">> {
  const stream = await existing(deps, tenant, "enrolment-request", id);
  if (stream.state.status === "pending") throw new Failure("conflict", "it waits");
  return { stream, event: { type: "enrolment-request.removed", data: { endpoint: stream.state.endpoint } } };
}

async function removed(
  deps: Deps,
  { principal: { tenant } }: Call,
  id: string,
): Promise<Change<"enrolment-credential">> {
  const stream = await existing(deps, tenant, "enrolment-credential", id);
  const { endpoint, revoked_at } = stream.state;
  // A revoked one is counted no longer.
  const touches: Snapshot[] = revoked_at === null ? [await existing(deps, tenant, "enrolment-endpoint", endpoint)] : [];
  return { stream, event: { type: "enrolment-credential.removed", data: { endpoint } }, touches };
}

/** Somebody decided, or another clock swept, meanwhile. */
async function unlessMoved(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isFailure(error, "conflict") && !isFailure(error, "not_found")) throw error;
  });
}
