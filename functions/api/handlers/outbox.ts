import { readAttempt } from "#events/outbox/attempt";
import { existing } from "#shared/usecases/load";
import { redriveEffect } from "#shared/usecases/redrive";
import type { Handler, Served } from "../handler.ts";
import { page } from "../pages.ts";
import { outboxView } from "../views.ts";

type Id = { readonly id: string };

async function show({ deps, call }: Served, id: string) {
  const { tenant } = call.principal;
  const { state } = await existing(deps, tenant, "outbox", id);
  return outboxView(id, state, await readAttempt(deps.tables.tenant(tenant), tenant, id));
}

export const outboxHandlers = {
  "outbox.list": { run: (served) => page(served, "outbox", (id) => show(served, id)) },
  "outbox.redrive": {
    show,
    run: async ({ deps, call, params }: Served<Id>) => {
      await redriveEffect(deps, call, params.id);
      return { resource: params.id };
    },
  },
} satisfies Record<string, Handler>;
