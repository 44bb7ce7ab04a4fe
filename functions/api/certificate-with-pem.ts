import { certificateDer } from "#shared/usecases/certificate-der";
import type { Deps } from "#shared/usecases/deps";
import { existing, type Present } from "#shared/usecases/load";
import { intermediateChain } from "./chain.ts";
import { certificatePem, certificateView } from "./views.ts";

export async function certificateWithPem(deps: Deps, tenant: string, id: string) {
  const certificate = await existing(deps, tenant, "certificate", id);
  return renderCertificate(deps, tenant, certificate, await certificateDer(deps, tenant, certificate));
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
