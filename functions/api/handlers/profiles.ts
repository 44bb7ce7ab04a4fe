import { profileOperations as operations } from "#shared/contracts/api/profiles";
import { profileVersionId } from "#shared/domain/profile/profile";
import { existing } from "#shared/usecases/load";
import { createProfileVersion } from "#shared/usecases/profiles";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { profileView } from "../views.ts";

async function show({ deps, call }: Served, id: string) {
  const { state } = await existing(deps, call.principal.tenant, "profile-version", id);
  const active = await deps.log.load(call.principal.tenant, "profile", state.name);
  return profileView(state, active.state?.version === state.version);
}

export const profileHandlers = {
  "profiles.list": handle(operations.list, {
    run: (served) => page(served, "profile", (_, state) => profileView(state, true)),
  }),
  "profiles.create": handle(operations.create, {
    show,
    run: async ({ deps, call, body }) => ({ resource: await createProfileVersion(deps, call, body.name, body.spec) }),
  }),
  "profiles.get": handle(operations.get, {
    run: async (served) => ({ body: await show(served, profileVersionId(served.params.name, served.params.version)) }),
  }),
};
