import { Failure } from "#shared/kernel/failure";
import type { Deps } from "./deps.ts";
import type { Present } from "./load.ts";

/**
 * The DER (base64) stands in the log once, in the event that brought the certificate into being.
 * @throws Failure `unprocessable` when it expired and was pruned
 */
export async function certificateDer(
  deps: Pick<Deps, "log" | "clock">,
  tenant: string,
  { id, state, origin: { lane, seq } }: Present<"certificate">,
): Promise<string> {
  const [logged] = await deps.log.read(tenant, lane, seq - 1, 1);
  if (logged?.seq !== seq && Date.parse(state.not_after) <= deps.clock.now())
    throw new Failure(
      "unprocessable",
      `certificate ${id} expired on ${state.not_after} and its bytes were pruned: event ${seq} of lane ${lane} is in the archive`,
    );
  if (logged?.seq !== seq || !("der" in logged.event.data))
    throw new Failure("corrupt", `the event of certificate ${id} is not where its state says`);
  return logged.event.data.der;
}
