import * as z from "zod";
import { anyPermission, permissions, powerfulScopes, roleNames } from "../permissions.ts";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";

export const scope = z.enum([...permissions, anyPermission]);

export const token = z.object({
  id,
  subject: z.string(),
  scopes: z.array(scope),
  created_at: timestamp,
  created_by: z.string(),
  expires_at: timestamp.nullable(),
  revoked_at: timestamp.nullable(),
  revoked_by: z.string().nullable(),
  revocation_reason: z.string().nullable(),
  client: z.string().nullable().meta({ description: "program that `trstctl login` signed in, as it calls itself" }),
});

/** Shown once; the replay of the same request has `token: null` and `token_status: already_shown`. */
export const mintedToken = token.extend({
  token: z.string().nullable(),
  token_status: z.enum(["shown", "already_shown"]),
});

export const member = z.object({
  subject: z.string(),
  display_name: z.string().nullable(),
  email: z.string().nullable(),
  roles: z.array(z.enum(roleNames)),
  status: z.enum(["active", "offboarded"]),
  created_at: timestamp,
  updated_at: timestamp,
});

const subject = id.max(120);
export const subjectParams = z.object({ subject });

export const accessOperations = {
  listTokens: operation({
    id: "access.tokens",
    method: "GET",
    path: "/access/api-tokens",
    permission: "access:read",
    summary: "List API tokens",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(token),
  }),
  createToken: operation({
    id: "access.create-token",
    method: "POST",
    path: "/access/api-tokens",
    permission: "access:write",
    summary: "Mint an API token; its scopes never exceed the caller's",
    example: { body: { subject: "ci", scopes: ["certs:read", "certs:issue"], expires_at: "2030-01-31T12:00:00Z" } },
    body: z.strictObject({ subject, scopes: z.array(scope).min(1).max(64), expires_at: timestamp.optional() }),
    status: 201,
    response: mintedToken,
    stepUp: { field: "scopes", values: powerfulScopes },
    showsSecret: true,
  }),
  revokeToken: operation({
    id: "access.revoke-token",
    method: "DELETE",
    path: "/access/api-tokens/{id}",
    permission: "access:write",
    summary: "Revoke an API token",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 204,
    destructive: true,
    stepUp: true,
  }),
  listRoles: operation({
    id: "access.roles",
    method: "GET",
    path: "/access/roles",
    permission: "access:read",
    summary: "List roles and what they grant",
    status: 200,
    response: z.object({
      items: z.array(z.object({ name: z.enum(roleNames), permissions: z.array(scope) })),
      next_cursor: z.null(),
    }),
  }),
  listMembers: operation({
    id: "access.members",
    method: "GET",
    path: "/access/members",
    permission: "access:read",
    summary: "List members",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(member),
  }),
  putMember: operation({
    id: "access.put-member",
    method: "PUT",
    path: "/access/members/{subject}",
    permission: "access:role.assign",
    summary: "Add a member or change their roles; roles never exceed what the caller holds",
    example: { params: { subject: "alex" }, body: { roles: ["viewer"], email: "alex@example.com" } },
    params: subjectParams,
    body: z.strictObject({
      display_name: z.string().max(200).optional(),
      email: z.email().max(254).optional(),
      roles: z.array(z.enum(roleNames)).max(8),
    }),
    status: 200,
    response: member,
    stepUp: true,
  }),
  offboardMember: operation({
    id: "access.offboard-member",
    method: "POST",
    path: "/access/members/{subject}/offboard",
    permission: "access:write",
    summary: "Offboard a member; every token of theirs stops working at once",
    example: { params: { subject: "alex" }, body: { reason: "left" } },
    params: subjectParams,
    body: z.strictObject({ reason: z.string().max(500).optional() }),
    status: 200,
    response: member,
    destructive: true,
    stepUp: true,
  }),
};
