/** Every enrolment function of the registry behind its paths, over one house. */
import { httpFunctions } from "#functions/registry";
import { createPool, type Pool } from "#shared/http/pool";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { bearerAuthentication } from "#shared/http/bearer";
import { createCredential, type CreateEnrolmentCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint } from "#shared/usecases/enrolment-endpoints";
import { authenticateToken } from "#shared/usecases/tokens";
import { behindListener, type Loaded } from "#infra/local/by-path";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { adminCall, type House, openHouse } from "#test/in-process/house";
import type { Host, Secret } from "./client.ts";

export const tenant = "acme";
export const otherTenant = "beta";

export interface EnrolmentHost extends Host, AsyncDisposable {
  readonly house: House;
  endpoint(protocol: string, label: string, over?: Partial<EndpointSettings>, of?: string): Promise<void>;
  credential(endpoint: string, over?: Partial<CreateEnrolmentCredential>, of?: string): Promise<Secret>;
}

export const enrolmentProtocols = httpFunctions.flatMap(({ protocol }) => protocol ?? []);

/** @param poolOf the bulkhead of each function */
export async function openEnrolmentHost(poolOf: () => Pool = () => createPool(64)): Promise<EnrolmentHost> {
  const house = await openHouse([tenant, otherTenant]);
  const { deps } = house;
  const authenticate = bearerAuthentication((token) => authenticateToken(deps, token));
  const loaded: Loaded[] = [];
  for (const entry of httpFunctions)
    if (entry.protocol !== undefined) loaded.push([entry, await entry.load({ ...deps, authenticate, pool: poolOf() })]);
  const answers = behindListener("api", loaded);
  return {
    house,
    now: () => deps.clock.now(),
    async fetch(request) {
      const headers = new Headers(request.headers);
      if (!headers.has("host")) headers.set("host", "localhost");
      return answers.fetch(new Request(request, { headers }), { address: "192.0.2.9", certificate: undefined });
    },
    endpoint: (protocol, label, over = {}, of = tenant) =>
      createEndpoint(
        deps,
        adminCall(of),
        label,
        endpointSettings({ protocols: [protocol], validate_names: false, ...over }),
      ),
    credential: (endpoint, over = {}, of = tenant) =>
      createCredential(deps, adminCall(of), {
        endpoint,
        names: [],
        maxUses: 1,
        expiresAt: new Date(deps.clock.now() + 86_400_000).toISOString(),
        ...over,
      }),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
