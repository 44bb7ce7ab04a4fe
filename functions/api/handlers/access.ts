import type * as z from "zod";
import type { accessOperations } from "#shared/contracts/api/access";
import { roleNames, roles } from "#shared/contracts/permissions";
import { existing } from "#shared/usecases/load";
import { offboardMember, putMember } from "#shared/usecases/members";
import { mintToken, revokeToken } from "#shared/usecases/tokens";
import type { Handler, Served } from "../handler.ts";
import { page } from "../pages.ts";
import { memberView, tokenView } from "../views.ts";

type Id = { readonly id: string };
type Subject = { readonly subject: string };
type Mint = z.output<typeof accessOperations.createToken.body>;
type Put = z.output<typeof accessOperations.putMember.body>;
type Offboard = z.output<typeof accessOperations.offboardMember.body>;

const showToken = async ({ deps, call }: Served, id: string) => tokenView(id, (await existing(deps, call.principal.tenant, "token", id)).state);
const showMember = async ({ deps, call }: Served, subject: string) => memberView(subject, (await existing(deps, call.principal.tenant, "member", subject)).state);

async function mint({ deps, call, body }: Served<unknown, unknown, Mint>) {
  const { id, token } = await mintToken(deps, call, { subject: body.subject, scopes: body.scopes, expiresAt: body.expires_at });
  return { resource: id, extra: { token, token_status: "shown" } };
}

export const accessHandlers = {
  "access.tokens": { run: (served) => page(served, "token", tokenView) },
  "access.create-token": { show: showToken, run: mint, replayExtra: { token: null, token_status: "already_shown" } },
  "access.revoke-token": {
    run: async ({ deps, call, params }: Served<Id>) => {
      await revokeToken(deps, call, params.id, null);
      return {};
    },
  },
  "access.roles": { run: async () => ({ body: { items: roleNames.map((name) => ({ name, permissions: roles[name] })), next_cursor: null } }) },
  "access.members": { run: (served) => page(served, "member", memberView) },
  "access.put-member": {
    show: showMember,
    run: async ({ deps, call, params, body }: Served<Subject, unknown, Put>) => {
      const { display_name = null, email = null } = body;
      await putMember(deps, call, { subject: params.subject, displayName: display_name, email, roles: body.roles });
      return { resource: params.subject };
    },
  },
  "access.offboard-member": {
    show: showMember,
    run: async ({ deps, call, params, body }: Served<Subject, unknown, Offboard>) => {
      await offboardMember(deps, call, params.subject, body.reason ?? null);
      return { resource: params.subject };
    },
  },
} satisfies Record<string, Handler>;
