import { Failure } from "#shared/kernel/failure";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing } from "./load.ts";

/** Puts a dead effect back into the outbox. @throws Failure `conflict` for one that is not dead */
export async function redriveEffect(deps: Deps, call: Call, id: string): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "outbox", id);
    const { status, destination } = stream.state;
    if (status !== "dead")
      throw new Failure("conflict", `the effect is ${status}; only dead ones are redriven`, { field: "id" });
    return { stream, event: { type: "outbox.redriven", data: { destination } } };
  });
}
