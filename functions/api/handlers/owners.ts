import type * as z from "zod";
import type { ownerOperations } from "#shared/contracts/api/owners";
import { existing } from "#shared/usecases/load";
import { createOwner, deleteOwner, updateOwner } from "#shared/usecases/owners";
import type { Handler, Served } from "../handler.ts";
import { page } from "../pages.ts";
import { ownerView } from "../views.ts";

type Id = { readonly id: string };
type Body = z.output<typeof ownerOperations.create.body>;

const fields = ({ kind, name, email }: Body) => ({ kind, name, email: email ?? null });

const show = async ({ deps, call }: Served, id: string) => ownerView(id, (await existing(deps, call.principal.tenant, "owner", id)).state);

export const ownerHandlers = {
  "owners.list": { run: (served) => page(served, "owner", ownerView) },
  "owners.get": { run: async (served) => ({ body: await show(served, served.params.id) }) },
  "owners.create": { show, run: async ({ deps, call, body }: Served<unknown, unknown, Body>) => ({ resource: await createOwner(deps, call, fields(body)) }) },
  "owners.update": {
    show,
    run: async ({ deps, call, params, body }: Served<Id, unknown, Body>) => {
      await updateOwner(deps, call, params.id, fields(body));
      return { resource: params.id };
    },
  },
  "owners.delete": {
    run: async ({ deps, call, params }: Served<Id>) => {
      await deleteOwner(deps, call, params.id);
      return {};
    },
  },
} satisfies Record<string, Handler>;
