import { revocationOperations as operations } from "#shared/contracts/api/revocations";
import { existing } from "#shared/usecases/load";
import { cancelRevocation, startRevocation } from "#shared/usecases/revocation-jobs";
import { handle, type Served, type ServedBy } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { revocationJobView } from "../views.ts";

const show = async ({ deps, call }: Served, id: string) =>
  revocationJobView(id, (await existing(deps, call.principal.tenant, "revocation-job", id)).state);

async function create({ deps, call, body }: ServedBy<typeof operations.create>) {
  const { mode, reason, all, issuer_id: issuer, profile, owner_id: owner, certificate_ids: certificates } = body;
  const filter = {
    ...(issuer !== undefined && { issuer }),
    ...(profile !== undefined && { profile }),
    ...(owner !== undefined && { owner }),
    ...(certificates !== undefined && { certificates }),
  };
  return { resource: await startRevocation(deps, call, { mode, reason, all, filter }) };
}

export const revocationHandlers = {
  "revocations.list": handle(operations.list, { run: (served) => page(served, "revocation-job", revocationJobView) }),
  "revocations.create": handle(operations.create, { show, run: create }),
  "revocations.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.id) }),
  }),
  "revocations.cancel": handle(operations.cancel, {
    show,
    async run({ deps, call, params }) {
      await cancelRevocation(deps, call, params.id);
      return { resource: params.id };
    },
  }),
};
