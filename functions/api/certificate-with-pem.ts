import { Failure } from "#shared/kernel/failure";
import type { Deps } from "#shared/usecases/deps";
import { existing, type Present } from "#shared/usecases/load";
import { intermediateChain } from "./chain.ts";
import { certificatePem, certificateView } from "./views.ts";

/** The DER stands in the log once, in the event that brought the certificate into being. */
export async function certificateWithPem(deps: Deps, tenant: string, id: string) {
  const certificate = await existing(deps, tenant, "certificate", id);
  const { lane, seq } = certificate.origin;
  const [logged] = await deps.log.read(tenant, lane, seq - 1, 1);
  if (logged?.seq !== seq && Date.parse(certificate.state.not_after) <= deps.clock.now())
    throw new Failure(
      "unprocessable",
      `certificate ${id} expired on ${certificate.state.not_after} and its bytes were pruned: event ${seq} of lane ${lane} is in the archive`,
    );
  if (logged?.seq !== seq || !("der" in logged.event.data))
    throw new Failure("corrupt", `the event of certificate ${id} is not where its state says`);
  return renderCertificate(deps, tenant, certificate, logged.event.data.der);
}

/** @param der base64 */
export async function renderCertificate(
  deps: Deps,
  tenant: string,
  { id, state }: Present<"certificate">,
  der: string,
) {
  return {
    ...certificateView(id, state, deps.clock.now()),
    certificate: certificatePem(der),
    chain: await intermediateChain(deps, tenant, state.issuer),
  };
}
