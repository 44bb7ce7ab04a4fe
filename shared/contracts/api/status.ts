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
  projections: z
    .object({ events_behind: z.number().int(), quarantined: z.number().int() })
    .meta({ description: "read models: how far the furthest is behind the log, lanes that one does not follow" }),
  checkpoint: z
    .object({ size: z.number().int(), made_at: timestamp, events_since: z.number().int() })
    .nullable()
    .meta({ description: "the newest one that is signed" }),
  time: timestamp.meta({ description: "the host's clock" }),
  requests_waiting: upTo100.meta({ description: "enrolment requests that wait for a decision, counted up to 100" }),
});

const limit = z.object({
  of: z.string().meta({ description: "`api`, an enrolment protocol, `enrolment by client` or `enrolment by name`" }),
  per: z.enum(["tenant", "client", "name"]).meta({ description: "who has such a bucket" }),
  burst: z.number().meta({ description: "requests at once, from a full bucket" }),
  per_minute: z.number().meta({ description: "requests that come back each minute" }),
  left: z
    .number()
    .int()
    .nullable()
    .meta({ description: "in this tenant's bucket now; null: not one bucket, or kept elsewhere" }),
  refused: z.number().int().nullable().meta({ description: "lately, the newest at most an hour ago; null likewise" }),
  last_refused_at: timestamp.nullable(),
});

export const limits = z.object({
  counted_by: z
    .enum(["host", "one_of_several"])
    .meta({ description: "one_of_several: of as many processes as there are at work, each with buckets of its own" }),
  since: timestamp.meta({ description: "when that process began to count, with full buckets" }),
  limits: z.array(limit),
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
  limits: operation({
    id: "status.limits",
    method: "GET",
    path: "/status/limits",
    permission: "issuers:read",
    summary: "Show how many requests this tenant may send, what is left, and what was refused lately",
    status: 200,
    response: limits,
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
