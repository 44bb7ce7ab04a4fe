import * as z from "zod";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";

const destination = id.meta({ description: "destination, as `circuits list` shows them" });

export const outboxEntry = z.object({
  id,
  destination: z.string(),
  status: z.enum(["pending", "delivered", "dead"]),
  attempts: z.number().int(),
  last_error: z.string().nullable(),
  next_attempt_at: timestamp.nullable(),
  created_at: timestamp,
});

export const outboxEntryDetail = outboxEntry.extend({
  does: z
    .string()
    .nullable()
    .meta({ description: "what a delivery does; null: this release knows no such destination" }),
  about: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .meta({ description: "what it is about: ids of the payload, never anything else of it" }),
  asked_by: z
    .object({ lane: z.number().int(), sequence: z.number().int() })
    .meta({ description: "the event that asked for it, as in the audit trail" }),
});

export const outboxOperations = {
  list: operation({
    id: "outbox.list",
    method: "GET",
    path: "/outbox",
    permission: "outbox:read",
    summary: "List outside effects and how their delivery stands",
    example: { query: { status: "dead" } },
    query: z.strictObject({
      ...paging,
      status: z.enum(["pending", "dead"]).optional().meta({ description: "only those; the oldest first" }),
      destination: destination.optional(),
    }),
    status: 200,
    response: pageOf(outboxEntry),
  }),
  get: operation({
    id: "outbox.get",
    method: "GET",
    path: "/outbox/{id}",
    permission: "outbox:read",
    summary: "Show an outside effect: what it is about and what its last attempt said",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: outboxEntryDetail,
  }),
  redrive: operation({
    id: "outbox.redrive",
    method: "POST",
    path: "/outbox/{id}/redrive",
    permission: "outbox:write",
    summary: "Try a dead effect again",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: outboxEntry,
  }),
  redriveAll: operation({
    id: "outbox.redrive-all",
    method: "POST",
    path: "/redrives",
    permission: "outbox:write",
    summary: "Try dead effects again, the oldest first, at most 90 at once; of one destination or of all",
    example: { body: { destination: "crl.publish" } },
    body: z.strictObject({
      destination: destination.optional(),
      after: id.optional().meta({ description: "`last_id` of the answer before: goes on behind it" }),
    }),
    status: 200,
    response: z.object({
      redriven: z.number().int().nullable().meta({ description: "null when the same request was answered before" }),
      last_id: id.nullable().meta({ description: "the newest of them; null when there was none" }),
      dead: z.number().int().min(0).max(100).meta({ description: "left behind that one, counted up to 100" }),
    }),
    destructive: true,
    stepUp: false,
  }),
};
