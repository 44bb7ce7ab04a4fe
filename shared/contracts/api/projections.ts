import * as z from "zod";
import { id, operation, timestamp } from "../operation.ts";

const quarantined = z.object({
  lane: z.number().int(),
  sequence: z.number().int().meta({ description: "the event that could not be applied" }),
  error: z.string(),
  events_behind: z.number().int().meta({ description: "of this lane, that one included" }),
});

export const projection = z.object({
  name: z.string(),
  events_behind: z.number().int(),
  quarantined: z.array(quarantined).meta({ description: "lanes that it no longer follows" }),
  retried_at: timestamp.nullable().meta({ description: "when somebody last had it try again" }),
  retried_by: z.string().nullable(),
});

export const projectionOperations = {
  list: operation({
    id: "projections.list",
    method: "GET",
    path: "/projections",
    permission: "outbox:read",
    summary: "List the read models: how far behind the log each is, and what it could not apply",
    status: 200,
    response: z.object({ items: z.array(projection) }),
  }),
  retry: operation({
    id: "projections.retry",
    method: "POST",
    path: "/projections/{name}/retry",
    permission: "outbox:write",
    summary: "Have a read model try again what it could not apply, and follow its lanes from there",
    example: { params: { name: "certificates" } },
    params: z.object({ name: id }),
    status: 200,
    response: projection,
  }),
};
