import * as z from "zod";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";

export const enrolmentCredential = z.object({
  id,
  endpoint: id.meta({ description: "label" }),
  names: z.array(z.string()).meta({ description: "the only names that may be asked for; empty: any" }),
  max_uses: z.number().int().nullable(),
  uses: z.number().int().meta({ description: "counted where max_uses is set" }),
  expires_at: timestamp,
  revoked_at: timestamp.nullable(),
  revoked_by: z.string().nullable(),
  created_at: timestamp,
  created_by: z.string(),
});

/** Shown once; the replay of the same request has `secret: null` and `secret_status: already_shown`. */
export const createdEnrolmentCredential = enrolmentCredential.extend({
  secret: z.string().nullable(),
  secret_status: z.enum(["shown", "already_shown"]),
});

export const enrolmentCredentialOperations = {
  list: operation({
    id: "enrolment-credentials.list",
    method: "GET",
    path: "/enrolment-credentials",
    permission: "enrolment:read",
    summary: "List enrolment credentials, the one that expires first at the top",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(enrolmentCredential),
  }),
  create: operation({
    id: "enrolment-credentials.create",
    method: "POST",
    path: "/enrolment-credentials",
    permission: "enrolment:write",
    summary: "Make a secret that opens an enrolment endpoint",
    example: { body: { endpoint: "web-servers", names: ["shop.example.com"], max_uses: 1 } },
    body: z.strictObject({
      endpoint: id.meta({ description: "label of the enrolment endpoint" }),
      names: z
        .array(z.string().min(1).max(300))
        .max(100)
        .default([])
        .meta({ description: "the only names that may be asked for; none: any that the profile allows" }),
      max_uses: z
        .number()
        .int()
        .min(0)
        .max(1000)
        .default(1)
        .meta({ description: "certificates that it may bring, 1 to 1000; 0: any number" }),
      expires_at: timestamp.optional().meta({ description: "within 366 days; default: in 7 days" }),
    }),
    status: 201,
    response: createdEnrolmentCredential,
    showsSecret: true,
  }),
  get: operation({
    id: "enrolment-credentials.get",
    method: "GET",
    path: "/enrolment-credentials/{id}",
    permission: "enrolment:read",
    summary: "Show an enrolment credential, without its secret",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: enrolmentCredential,
  }),
  delete: operation({
    id: "enrolment-credentials.delete",
    method: "DELETE",
    path: "/enrolment-credentials/{id}",
    permission: "enrolment:write",
    summary: "Revoke an enrolment credential",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 204,
    destructive: true,
    stepUp: true,
  }),
};
