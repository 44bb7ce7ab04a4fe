import { accessOperations as operations } from "#shared/contracts/api/access";
import { roleNames, roles } from "#shared/contracts/permissions";
import { existing } from "#shared/usecases/load";
import { offboardMember, putMember } from "#shared/usecases/members";
import { mintToken, revokeToken } from "#shared/usecases/tokens";
import { handle, type Served } from "../operation-handler.ts";
import { page } from "../pages.ts";
import { memberView, tokenView } from "../views.ts";

const showToken = async ({ deps, call }: Served, id: string) =>
  tokenView(id, (await existing(deps, call.principal.tenant, "token", id)).state);

const showMember = async ({ deps, call }: Served, subject: string) =>
  memberView(subject, (await existing(deps, call.principal.tenant, "member", subject)).state);

export const accessHandlers = {
  "access.tokens": handle(operations.listTokens, { run: (served) => page(served, "token", tokenView) }),
  "access.create-token": handle(operations.createToken, {
    show: showToken,
    replayExtra: { token: null, token_status: "already_shown" },
    async run({ deps, call, body }) {
      const { id, token } = await mintToken(deps, call, {
        subject: body.subject,
        scopes: body.scopes,
        expiresAt: body.expires_at,
      });
      return { resource: id, extra: { token, token_status: "shown" } };
    },
  }),
  "access.revoke-token": handle(operations.revokeToken, {
    async run({ deps, call, params }) {
      await revokeToken(deps, call, params.id, null);
      return {};
    },
  }),
  "access.roles": handle(operations.listRoles, {
    run: async () => ({
      body: { items: roleNames.map((name) => ({ name, permissions: roles[name] })), next_cursor: null },
    }),
  }),
  "access.members": handle(operations.listMembers, { run: (served) => page(served, "member", memberView) }),
  "access.put-member": handle(operations.putMember, {
    show: showMember,
    async run({ deps, call, params, body }) {
      const { display_name = null, email = null } = body;
      await putMember(deps, call, { subject: params.subject, displayName: display_name, email, roles: body.roles });
      return { resource: params.subject };
    },
  }),
  "access.offboard-member": handle(operations.offboardMember, {
    show: showMember,
    async run({ deps, call, params, body }) {
      await offboardMember(deps, call, params.subject, body.reason ?? null);
      return { resource: params.subject };
    },
  }),
};
