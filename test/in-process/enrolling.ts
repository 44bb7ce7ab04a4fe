/** Endpoints, credentials and requests as the tests of enrolment make them. */
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import type { Enrolled, Enrolment } from "#shared/usecases/enrolment";
import { checkCredential, createCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, endpointFor } from "#shared/usecases/enrolment-endpoints";
import type { Issued } from "#shared/usecases/issue-certificate";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { adminCall, type House } from "./house.ts";

export const settings = endpointSettings({ protocols: ["est", "cmp"], auth: ["secret", "certificate"] });

export const day = 86_400_000;
export const tenant = "acme";

export async function open(house: House, label: string, over: Partial<EndpointSettings> = {}) {
  await createEndpoint(house.deps, adminCall(tenant), label, { ...settings, ...over });
  return endpointFor(house.deps, "est", label);
}

export async function credentialOf(
  house: House,
  label: string,
  maxUses: number | null = 1,
  names: readonly string[] = [],
) {
  const { id, secret } = await createCredential(house.deps, adminCall(tenant), {
    endpoint: label,
    names,
    maxUses,
    expiresAt: new Date(house.deps.clock.now() + day).toISOString(),
  });
  return {
    id,
    secret,
    check: async () => checkCredential(house.deps, await endpointFor(house.deps, "est", label), id, secret),
  };
}

export const asking = (endpoint: Enrolment["endpoint"], csr: Uint8Array, over: Partial<Enrolment> = {}): Enrolment => ({
  endpoint,
  protocol: "est",
  subject: "est:test",
  transaction: "t-1",
  request: { csr },
  ...over,
});

export function issuedOf(answer: Enrolled | undefined): Issued {
  if (answer === undefined || !("issued" in answer)) throw new Error("nothing was issued");
  return answer.issued;
}
