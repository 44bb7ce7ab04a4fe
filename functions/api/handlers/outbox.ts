import { readAttempt } from "#events/outbox/attempt";
import { outboxOperations as operations } from "#shared/contracts/api/outbox";
import { existing } from "#shared/usecases/load";
import { deadEffects, redriveEffect, redriveEffects } from "#shared/usecases/redrive";
import { listEffects } from "../list-effects.ts";
import { handle, type Served, type ServedBy } from "../operation-handler.ts";
import { outboxDetail, outboxView } from "../views.ts";

const counted = 100;

async function load({ deps, call }: Served, id: string) {
  const { tenant } = call.principal;
  const entry = await existing(deps, tenant, "outbox", id);
  return { entry, attempt: await readAttempt(deps.tables.tenant(tenant), tenant, entry) };
}

async function show(served: Served, id: string) {
  const { entry, attempt } = await load(served, id);
  return outboxView(id, entry.state, attempt);
}

type RedriveAll = ServedBy<typeof operations.redriveAll>;

async function afterRedrive({ deps, call, body }: RedriveAll, last: string) {
  const left = await deadEffects(deps, call.principal.tenant, { ...body, after: last }, counted);
  return { last_id: last, dead: left.length };
}

export const outboxHandlers = {
  "outbox.list": handle(operations.list, { run: listEffects }),
  "outbox.get": handle(operations.get, {
    async run(served) {
      const { entry, attempt } = await load(served, served.params.id);
      return { body: outboxDetail(entry, attempt) };
    },
  }),
  "outbox.redrive": handle(operations.redrive, {
    show,
    async run({ deps, call, params }) {
      await redriveEffect(deps, call, params.id);
      return { resource: params.id };
    },
  }),
  "outbox.redrive-all": handle(operations.redriveAll, {
    show: afterRedrive,
    async run({ deps, call, body }) {
      const { redriven, last } = await redriveEffects(deps, call, body);
      if (last === undefined) return { body: { redriven, last_id: null, dead: 0 } };
      return { resource: last, extra: { redriven } };
    },
    replayExtra: { redriven: null },
  }),
};
