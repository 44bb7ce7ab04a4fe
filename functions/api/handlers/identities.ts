import { identityOperations as operations } from "#shared/contracts/api/identities";
import type { Identity } from "#shared/domain/identity/identity";
import { pemEncode } from "#shared/pki/pem";
import { createIdentity, transitionIdentity } from "#shared/usecases/identities";
import { existing } from "#shared/usecases/load";
import { certificateWithPem } from "../certificate-with-pem.ts";
import { handle, type Served, type ServedBy } from "../operation-handler.ts";
import { page, usesProfile } from "../pages.ts";
import { untilPublished } from "../until-published.ts";
import { identityView } from "../views.ts";

const show = async ({ deps, call }: Served, id: string) =>
  identityView(id, (await existing(deps, call.principal.tenant, "identity", id)).state);

async function create({ deps, call, body }: ServedBy<typeof operations.create>) {
  const { name, owner_id, issuer_id, profile, dns_names, attributes } = body;
  return {
    resource: await createIdentity(deps, call, {
      name,
      owner: owner_id,
      issuer: issuer_id,
      profile,
      dnsNames: dns_names,
      attributes,
    }),
  };
}

/** @param resource the identity's id, and for a mint `/` and the id of the certificate that it brought */
async function showTransition({ deps, call, body }: ServedBy<typeof operations.transition>, resource: string) {
  const { tenant } = call.principal;
  const [id = "", minted] = resource.split("/");
  const { state } = await existing(deps, tenant, "identity", id);
  const certificate = minted === undefined ? null : await certificateWithPem(deps, tenant, minted);
  const private_key_status = body.generate_key === true ? "already_shown" : "none";
  return { ...identityView(id, state), certificate, private_key: null, private_key_status };
}

async function transition({ deps, call, params, body }: ServedBy<typeof operations.transition>) {
  const { to, reason, note, csr, generate_key = false } = body;
  const done = await transitionIdentity(deps, call, params.id, { to, reason, note, csr, generateKey: generate_key });
  if (to === "revoked") await untilPublished(deps, call.principal.tenant);
  const resource = done.certificate === undefined ? params.id : `${params.id}/${done.certificate}`;
  if (done.privateKey === undefined) return { resource };
  const private_key = pemEncode("PRIVATE KEY", done.privateKey.reveal());
  done.privateKey.wipe();
  return { resource, extra: { private_key, private_key_status: "shown" } };
}

export const identityHandlers = {
  "identities.list": handle(operations.list, {
    run(served) {
      const { status, profile, owner_id } = served.query;
      const wanted = (identity: Identity): boolean =>
        (status === undefined || identity.status === status) &&
        (owner_id === undefined || identity.owner === owner_id) &&
        usesProfile(profile, identity.profile);
      return page(served, "identity", identityView, undefined, wanted);
    },
  }),
  "identities.create": handle(operations.create, { show, run: create }),
  "identities.get": handle(operations.get, { run: async (served) => ({ body: await show(served, served.params.id) }) }),
  "identities.transition": handle(operations.transition, { show: showTransition, run: transition }),
};
