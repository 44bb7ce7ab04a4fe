import type * as z from "zod";
import { enrolmentEndpointOperations as operations } from "#shared/contracts/api/enrolment-endpoints";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { Failure } from "#shared/kernel/failure";
import { createEndpoint, disableEndpoint, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { existing } from "#shared/usecases/load";
import { enrolmentEndpointView } from "../enrolment-views.ts";
import { handle, type Served } from "../operation-handler.ts";
import { page, usesProfile } from "../pages.ts";

const show = async ({ deps, call }: Served, label: string) =>
  enrolmentEndpointView(label, (await existing(deps, call.principal.tenant, "enrolment-endpoint", label)).state);

const newSettings = (
  { protocols, issuer_id, owner_id, terms_of_service, ...rest }: Omit<z.output<typeof operations.create.body>, "label">,
  served: readonly string[],
): EndpointSettings => ({
  ...rest,
  protocols: [...new Set(protocols ?? served)],
  auth: [...new Set(rest.auth)],
  issuer: issuer_id ?? null,
  owner: owner_id ?? null,
  ...(terms_of_service !== undefined && { terms_of_service }),
});

/** What is left out stays as it is at that moment. @throws Failure `invalid_field` for what is given and unset at once */
function changed({ unset = [], ...body }: z.output<typeof operations.update.body>) {
  const both = unset.find((field) => body[field] !== undefined);
  if (both !== undefined) throw new Failure("invalid_field", `${both} is given and unset at once`, { field: "unset" });
  const { protocols, issuer_id, owner_id, terms_of_service, auth, ...rest } = body;
  return ({ terms_of_service: terms, ...now }: EndpointSettings): EndpointSettings => {
    const termsNow = terms_of_service ?? (unset.includes("terms_of_service") ? undefined : terms);
    return {
      ...now,
      ...given(rest),
      protocols: [...new Set(protocols ?? now.protocols)],
      auth: [...new Set(auth ?? now.auth)],
      issuer: issuer_id ?? (unset.includes("issuer_id") ? null : now.issuer),
      owner: owner_id ?? (unset.includes("owner_id") ? null : now.owner),
      ...(termsNow !== undefined && { terms_of_service: termsNow }),
    };
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;

export const enrolmentEndpointHandlers = {
  "enrolment-endpoints.list": handle(operations.list, {
    run: (served) =>
      page(served, "enrolment-endpoint", enrolmentEndpointView, undefined, ({ profile }) =>
        usesProfile(served.query.profile, profile),
      ),
  }),
  "enrolment-endpoints.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.label) }),
  }),
  "enrolment-endpoints.create": handle(operations.create, {
    show,
    async run({ deps, call, body: { label, ...settings } }) {
      await createEndpoint(deps, call, label, newSettings(settings, deps.protocols));
      return { resource: label };
    },
  }),
  "enrolment-endpoints.update": handle(operations.update, {
    show,
    async run({ deps, call, params, body }) {
      await updateEndpoint(deps, call, params.label, changed(body));
      return { resource: params.label };
    },
  }),
  "enrolment-endpoints.preflight": handle(operations.preflight, {
    async run({ deps, call, params: { label, name }, query }) {
      const { state } = await existing(deps, call.principal.tenant, "enrolment-endpoint", label);
      const { chooseMethod } = await import("#shared/usecases/validation/choose-method");
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
