import * as z from "zod";
import { exampleId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";

export const outboxEntry = z.object({
  id,
  destination: z.string(),
  status: z.enum(["pending", "delivered", "dead"]),
  attempts: z.number().int(),
  last_error: z.string().nullable(),
  next_attempt_at: timestamp.nullable(),
  created_at: timestamp,
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
    }),
    status: 200,
    response: pageOf(outboxEntry),
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
};
