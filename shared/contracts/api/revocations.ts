import * as z from "zod";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";
import { revocationReasons } from "./certificates.ts";

export const revocationJob = z.object({
  id,
  status: z.enum(["counting", "revoking", "done", "cancelled"]),
  mode: z.enum(["preview", "revoke"]),
  reason: z.string(),
  issuer_id: id.nullable(),
  profile: z.string().nullable(),
  owner_id: id.nullable(),
  certificate_ids: z.array(id).nullable(),
  matched: z.number().int().meta({ description: "live certificates that it is about; final when counting is over" }),
  revoked: z.number().int(),
  crls_pending: z.number().int().meta({ description: "CRL shards that do not yet say all of it" }),
  requested_by: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
});

export const revocationOperations = {
  list: operation({
    id: "revocations.list",
    method: "GET",
    path: "/revocations",
    permission: "certs:read",
    summary: "List bulk revocations and how far they are",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(revocationJob),
  }),
  create: operation({
    id: "revocations.create",
    method: "POST",
    path: "/revocations",
    permission: "certs:issue",
    summary: "Revoke many certificates as one job; first count them with mode preview",
    example: { body: { mode: "preview", reason: "cessationOfOperation", owner_id: exampleId } },
    body: z.strictObject({
      mode: z
        .enum(["preview", "revoke"])
        .default("preview")
        .meta({ description: "preview counts and revokes nothing" }),
      reason: z.enum(revocationReasons).default("unspecified"),
      issuer_id: id.optional(),
      profile: id.optional().meta({ description: "profile name, or `name@version`" }),
      owner_id: id.optional(),
      certificate_ids: z.array(id).min(1).max(1000).optional().meta({ description: "`<issuer>-<serial>`" }),
      all: z.boolean().default(false).meta({ description: "every live certificate of the tenant" }),
    }),
    status: 201,
    response: revocationJob,
    destructive: { field: "mode", values: ["revoke"] },
    stepUp: { field: "mode", values: ["revoke"] },
  }),
  get: operation({
    id: "revocations.get",
    method: "GET",
    path: "/revocations/{id}",
    permission: "certs:read",
    summary: "Show how far a bulk revocation is",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: revocationJob,
  }),
  cancel: operation({
    id: "revocations.cancel",
    method: "POST",
    path: "/revocations/{id}/cancel",
    permission: "certs:issue",
    summary: "Stop a bulk revocation; what it has revoked stays revoked",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: revocationJob,
  }),
};
