import { readAttempt } from "#events/outbox/attempt";
import { outboxOperations as operations } from "#shared/contracts/api/outbox";
import { existing } from "#shared/usecases/load";
import { redriveEffect } from "#shared/usecases/redrive";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { outboxView } from "../views.ts";

async function show({ deps, call }: Served, id: string) {
  const { tenant } = call.principal;
  const entry = await existing(deps, tenant, "outbox", id);
  return outboxView(id, entry.state, await readAttempt(deps.tables.tenant(tenant), tenant, entry));
}

export const outboxHandlers = {
  "outbox.list": handle(operations.list, {
    run: (served) => {
      const { status } = served.query;
      const view = status === undefined ? undefined : { name: `outbox-${status}` };
      return page(served, "outbox", (id) => show(served, id), view);
    },
  }),
  "outbox.redrive": handle(operations.redrive, {
    show,
    async run({ deps, call, params }) {
      await redriveEffect(deps, call, params.id);
      return { resource: params.id };
    },
  }),
};
