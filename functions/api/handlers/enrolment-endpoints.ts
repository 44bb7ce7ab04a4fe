import type * as z from "zod";
import { enrolmentEndpointOperations as operations } from "#shared/contracts/api/enrolment-endpoints";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { createEndpoint, disableEndpoint, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { existing } from "#shared/usecases/load";
import { enrolmentEndpointView } from "../enrolment-views.ts";
import { chooseMethod } from "#shared/usecases/validation/choose-method";
import { handle, type Served } from "../handler.ts";
import { page } from "../pages.ts";

const show = async ({ deps, call }: Served, label: string) =>
  enrolmentEndpointView(label, (await existing(deps, call.principal.tenant, "enrolment-endpoint", label)).state);

const settingsOf = (
  { protocols, issuer_id, owner_id, ...rest }: z.output<typeof operations.update.body>,
  served: readonly string[],
): EndpointSettings => ({
  protocols: [...new Set(protocols ?? served)],
  issuer: issuer_id ?? null,
  owner: owner_id ?? null,
  profile: rest.profile,
  auth: [...new Set(rest.auth)],
  approval: rest.approval,
  validate_names: rest.validate_names,
  server_keys: rest.server_keys,
  legacy_algorithms: rest.legacy_algorithms,
  private_networks: rest.private_networks,
  ...(rest.terms_of_service !== undefined && { terms_of_service: rest.terms_of_service }),
  default: rest.default,
});

export const enrolmentEndpointHandlers = {
  "enrolment-endpoints.list": handle(operations.list, {
    run: (served) => page(served, "enrolment-endpoint", enrolmentEndpointView),
  }),
  "enrolment-endpoints.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.label) }),
  }),
  "enrolment-endpoints.create": handle(operations.create, {
    show,
    async run({ deps, call, body: { label, ...settings } }) {
      await createEndpoint(deps, call, label, settingsOf(settings, deps.protocols));
      return { resource: label };
    },
  }),
  "enrolment-endpoints.update": handle(operations.update, {
    show,
    async run({ deps, call, params, body }) {
      await updateEndpoint(deps, call, params.label, settingsOf(body, deps.protocols));
      return { resource: params.label };
    },
  }),
  "enrolment-endpoints.preflight": handle(operations.preflight, {
    async run({ deps, call, params: { label, name }, query }) {
      const { state } = await existing(deps, call.principal.tenant, "enrolment-endpoint", label);
      const { method, reason, caa } = await chooseMethod(deps, {
        name,
        method: query.method,
        dnsManaged: query.dns_managed === "true",
        privateNetworks: state.private_networks,
      });
      return { body: { name, method, reason, caa: caa ?? null } };
    },
  }),
  "enrolment-endpoints.delete": handle(operations.delete, {
    async run({ deps, call, params }) {
      await disableEndpoint(deps, call, params.label);
      return {};
    },
  }),
};
