/** Whether store and signer answer, by `table` and `signer`. */
import type { Part } from "../deps.ts";

const check = (work: Promise<unknown>) =>
  work.then(
    () => "ok" as const,
    () => "failing" as const,
  );

export const readiness: Part = (_, deps) => ({
  async ready() {
    const [store, signing] = await Promise.all([check(deps.log.heads(deps.systemTenant)), check(deps.signer.health())]);
    return { store, signer: signing };
  },
});
