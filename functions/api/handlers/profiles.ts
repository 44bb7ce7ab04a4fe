import type * as z from "zod";
import type { profileOperations } from "#shared/contracts/api/profiles";
import { profileVersionId } from "#shared/domain/profile/profile";
import { existing } from "#shared/usecases/load";
import { createProfileVersion } from "#shared/usecases/profiles";
import type { Handler, Served } from "../handler.ts";
import { page } from "../pages.ts";
import { profileView } from "../views.ts";

type Create = z.output<typeof profileOperations.create.body>;
type Version = { readonly name: string; readonly version: number };

async function show({ deps, call }: Served, id: string) {
  const { state } = await existing(deps, call.principal.tenant, "profile-version", id);
  const active = await deps.log.load(call.principal.tenant, "profile", state.name);
  return profileView(state, active.state?.version === state.version);
}

export const profileHandlers = {
  "profiles.list": { run: (served) => page(served, "profile", (_, state) => profileView(state, true)) },
  "profiles.create": { show, run: async ({ deps, call, body }: Served<unknown, unknown, Create>) => ({ resource: await createProfileVersion(deps, call, body.name, body.spec) }) },
  "profiles.get": { run: async (served: Served<Version>) => ({ body: await show(served, profileVersionId(served.params.name, served.params.version)) }) },
} satisfies Record<string, Handler>;
