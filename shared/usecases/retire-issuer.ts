import { decideRetireIssuer } from "#shared/domain/issuer/decide";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing } from "./load.ts";

/** Nothing more is issued from it; what it issued stays valid, and its status services go on. */
export async function retireIssuer(deps: Deps, call: Call, id: string): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "issuer", id);
    return { stream, event: decideRetireIssuer(stream.state) };
  });
}
