import { newId } from "#shared/crypto/random";
import { decideDeleteOwner } from "#shared/domain/owner/decide";
import type { Owner } from "#shared/domain/owner/owner";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing } from "./load.ts";

type Fields = Pick<Owner, "kind" | "name" | "email">;

/** @returns its id */
export async function createOwner(deps: Deps, call: Call, data: Fields): Promise<string> {
  const id = newId(deps.clock.now());
  await change(deps, call, async () => ({
    stream: await deps.log.load(call.principal.tenant, "owner", id),
    event: { type: "owner.created", data },
  }));
  return id;
}

export async function updateOwner(deps: Deps, call: Call, id: string, data: Fields): Promise<void> {
  await change(deps, call, async () => ({
    stream: await existing(deps, call.principal.tenant, "owner", id),
    event: { type: "owner.updated", data },
  }));
}

/** @throws Failure `conflict` while something names it */
export async function deleteOwner(deps: Deps, call: Call, id: string): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "owner", id);
    return { stream, event: decideDeleteOwner(stream.state) };
  });
}
