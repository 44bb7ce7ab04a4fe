import { enrolmentCredentialOperations as operations } from "#shared/contracts/api/enrolment-credentials";
import { createCredential, revokeCredential } from "#shared/usecases/enrolment-credentials";
import { existing } from "#shared/usecases/load";
import { enrolmentCredentialView } from "../enrolment-views.ts";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";

const defaultLifeMs = 7 * 86_400_000;

const show = async ({ deps, call }: Served, id: string) =>
  enrolmentCredentialView(id, (await existing(deps, call.principal.tenant, "enrolment-credential", id)).state);

export const enrolmentCredentialHandlers = {
  "enrolment-credentials.list": handle(operations.list, {
    run: (served) => page(served, "enrolment-credential", enrolmentCredentialView, { name: "enrolment-credentials" }),
  }),
  "enrolment-credentials.create": handle(operations.create, {
    show,
    replayExtra: { secret: null, secret_status: "already_shown" },
    async run({ deps, call, body }) {
      const { id, secret } = await createCredential(deps, call, {
        endpoint: body.endpoint,
        names: body.names,
        maxUses: body.max_uses === 0 ? null : body.max_uses,
        expiresAt: body.expires_at ?? new Date(deps.clock.now() + defaultLifeMs).toISOString(),
      });
      return { resource: id, extra: { secret, secret_status: "shown" } };
    },
  }),
  "enrolment-credentials.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, served.params.id) }),
  }),
  "enrolment-credentials.delete": handle(operations.delete, {
    async run({ deps, call, params }) {
      await revokeCredential(deps, call, params.id);
      return {};
    },
  }),
};
