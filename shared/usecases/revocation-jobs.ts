/** Bulk revocation: a job in the log that goes on by itself until it is done (docs/design/0034). */
import { newId } from "#shared/crypto/random";
import { decideCancel } from "#shared/domain/revocation-job/decide";
import type { RevocationFilter, RevocationJob } from "#shared/domain/revocation-job/revocation-job";
import { Failure } from "#shared/kernel/failure";
import { assertMayGrant } from "#shared/policy/ra-split";
import { change, effect } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing, referenced, referencedProfile } from "./load.ts";

export interface StartRevocation {
  readonly mode: RevocationJob["mode"];
  readonly reason: string;
  readonly filter: RevocationFilter;
  /** Every live certificate of the tenant: has to be said. */
  readonly all: boolean;
}

/** @returns the job's id. @throws Failure `invalid_field` for a filter that means nothing, `unprocessable` naming the field */
export async function startRevocation(deps: Deps, call: Call, command: StartRevocation): Promise<string> {
  assertMayGrant(call.principal, "revoke");
  const { tenant } = call.principal;
  const { filter, all, mode, reason } = command;
  const named = Object.values(filter).some((value) => value !== undefined);
  if (named === all)
    throw new Failure(
      "invalid_field",
      all
        ? "all: leave it out where issuer_id, profile, owner_id or certificate_ids says which certificates"
        : "say which certificates: issuer_id, profile, owner_id, certificate_ids, or all: true",
      { field: "all" },
    );
  if (filter.issuer !== undefined) await referenced(deps, tenant, "issuer", filter.issuer, "issuer_id");
  if (filter.owner !== undefined) await referenced(deps, tenant, "owner", filter.owner, "owner_id");
  if (filter.profile !== undefined) await referencedProfile(deps, tenant, filter.profile);
  const id = newId(deps.clock.now());
  await change(deps, call, async () => ({
    stream: await deps.log.load(tenant, "revocation-job", id),
    event: { type: "revocation-job.created", data: { mode, reason, filter } },
    effects: [effect(deps, "revocation.advance", { job: id, step: 0 })],
  }));
  return id;
}

/** What it has revoked stays revoked; nothing more is. @throws Failure `conflict` when it is over */
export async function cancelRevocation(deps: Deps, call: Call, id: string): Promise<void> {
  assertMayGrant(call.principal, "revoke");
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "revocation-job", id);
    return { stream, event: decideCancel(stream.state) };
  });
}
