import type * as z from "zod";
import { ownerOperations as operations } from "#shared/contracts/api/owners";
import { existing } from "#shared/usecases/load";
import { createOwner, deleteOwner, updateOwner } from "#shared/usecases/owners";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { ownerView } from "../views.ts";

const fields = ({ kind, name, email }: z.output<typeof operations.create.body>) => ({
  kind,
  name,
  email: email ?? null,
});

const show = async ({ deps, call }: Served, id: string) =>
  ownerView(id, (await existing(deps, call.principal.tenant, "owner", id)).state);

export const ownerHandlers = {
  "owners.list": handle(operations.list, { run: (served) => page(served, "owner", ownerView) }),
  "owners.get": handle(operations.get, { run: async (served) => ({ body: await show(served, served.params.id) }) }),
  "owners.create": handle(operations.create, {
    show,
    run: async ({ deps, call, body }) => ({ resource: await createOwner(deps, call, fields(body)) }),
  }),
  "owners.update": handle(operations.update, {
    show,
    async run({ deps, call, params, body }) {
      await updateOwner(deps, call, params.id, fields(body));
      return { resource: params.id };
    },
  }),
  "owners.delete": handle(operations.delete, {
    async run({ deps, call, params }) {
      await deleteOwner(deps, call, params.id);
      return {};
    },
  }),
};
