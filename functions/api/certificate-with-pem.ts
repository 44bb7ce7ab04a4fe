import { Failure } from "#shared/kernel/failure";
import type { Deps } from "#shared/usecases/deps";
import { existing } from "#shared/usecases/load";
import { issuerWithChain } from "./chain.ts";
import { certificatePem, certificateView } from "./views.ts";

/** The DER stands in the log once, in the event that brought the certificate into being. */
export async function certificateWithPem(deps: Deps, tenant: string, id: string) {
  const { state, origin } = await existing(deps, tenant, "certificate", id);
  const [logged] = await deps.log.read(tenant, origin.lane, origin.seq - 1, 1);
  if (logged === undefined || !("der" in logged.event.data))
    throw new Failure("corrupt", `the event of certificate ${id} is not where its state says`);
  const { issuer, chain } = await issuerWithChain(deps, tenant, state.issuer);
  return {
    ...certificateView(id, state, deps.clock.now()),
    certificate: certificatePem(logged.event.data.der),
    // Without the root: whoever trusts it has it already.
    chain: [issuer, ...chain]
      .filter(({ role }) => role !== "root")
      .map(({ certificate }) => certificatePem(certificate)),
  };
}
