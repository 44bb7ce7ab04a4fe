import * as z from "zod";
import { exampleId, id, idParams, name, operation, pageOf, paging, timestamp } from "../operation.ts";

export const ownerKinds = ["user", "team", "workload", "service"] as const;

export const owner = z.object({
  id,
  kind: z.enum(ownerKinds),
  name,
  email: z.string().nullable(),
  created_at: timestamp,
  updated_at: timestamp,
});

const ownerBody = z.strictObject({ kind: z.enum(ownerKinds), name, email: z.email().max(254).optional() });

export const ownerOperations = {
  list: operation({
    id: "owners.list",
    method: "GET",
    path: "/owners",
    permission: "owners:read",
    summary: "List owners",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(owner),
  }),
  create: operation({
    id: "owners.create",
    method: "POST",
    path: "/owners",
    permission: "owners:write",
    summary: "Create an owner",
    example: { body: { kind: "team", name: "Platform", email: "platform@example.com" } },
    body: ownerBody,
    status: 201,
    response: owner,
  }),
  get: operation({
    id: "owners.get",
    method: "GET",
    path: "/owners/{id}",
    permission: "owners:read",
    summary: "Show an owner",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: owner,
  }),
  update: operation({
    id: "owners.update",
    method: "PUT",
    path: "/owners/{id}",
    permission: "owners:write",
    summary: "Replace an owner",
    example: { params: { id: exampleId }, body: { kind: "service", name: "Billing" } },
    params: idParams,
    body: ownerBody,
    status: 200,
    response: owner,
  }),
  delete: operation({
    id: "owners.delete",
    method: "DELETE",
    path: "/owners/{id}",
    permission: "owners:write",
    summary: "Delete an owner that nothing refers to",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 204,
    destructive: true,
    stepUp: false,
  }),
};
