import * as z from "zod";
import { id, operation, timestamp } from "../operation.ts";

const part = z.enum(["ok", "failing"]);
/** Not counted further: who sees so many looks at the list. */
const upTo100 = z.number().int().min(0).max(100);

export const status = z.object({
  parts: z.record(z.string(), part).meta({ description: "what the host stands on" }),
  revocation: z.object({
    crl_ends_at: timestamp.nullable().meta({ description: "the first CRL or delta CRL to run out" }),
    responder_ends_at: timestamp.nullable().meta({ description: "the first OCSP responder certificate to end" }),
    overdue: z.array(z.object({ issuer_id: id, what: z.string(), ends_at: timestamp.nullable() })),
  }),
  outbox: z.object({ pending: upTo100, dead: upTo100 }).meta({ description: "outside effects, counted up to 100" }),
  requests_waiting: upTo100.meta({ description: "enrolment requests that wait for a decision, counted up to 100" }),
});

export const changes = z.object({
  cursor: z.string().meta({ description: "give it back as `after`" }),
  changed: z
    .array(z.string())
    .meta({ description: "kinds of things that changed since `after`; `*` when there was too much to tell" }),
  next_in_seconds: z.number().int().meta({ description: "ask again then" }),
});

export const statusOperations = {
  get: operation({
    id: "status.get",
    method: "GET",
    path: "/status",
    permission: "issuers:read",
    summary: "Show how this tenant's part of the host does: store, signer, revocation, what failed and what waits",
    status: 200,
    response: status,
  }),
  changes: operation({
    id: "status.changes",
    method: "GET",
    path: "/status/changes",
    permission: "issuers:read",
    summary: "Tell which kinds of things changed since a cursor; without one, where the log stands",
    example: { query: { after: "12.3" } },
    query: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,12}(\.\d{1,12}){0,63}$/, "expected a cursor of this operation")
        .optional(),
    }),
    status: 200,
    response: changes,
  }),
};
