import * as z from "zod";
import { id, operation, timestamp } from "../operation.ts";

/** Of the oldest thousand; who has more has more to look at than a number. */
const counted = z.number().int().min(0);

export const circuit = z.object({
  destination: z.string(),
  does: z
    .string()
    .nullable()
    .meta({ description: "what a delivery does; null: this release knows no such destination" }),
  state: z
    .enum(["closed", "open", "half_open"])
    .meta({ description: "open: nothing is tried; half_open: the next delivery is the probe" }),
  breaks: z.boolean().meta({ description: "false: a service of our own, which is tried until it is done" }),
  failures: z.number().int().meta({ description: "in a row, since the last success or reset" }),
  failing_since: timestamp.nullable(),
  next_try_at: timestamp.nullable().meta({ description: "of an open circuit" }),
  last_error: z.string().nullable(),
  pending: counted.meta({ description: "effects that wait for it, among the thousand oldest that wait" }),
  dead: counted.meta({ description: "effects that were given up, among the thousand oldest of those" }),
  reset_at: timestamp.nullable().meta({ description: "when somebody last reset it" }),
  reset_by: z.string().nullable(),
});

export const circuitOperations = {
  list: operation({
    id: "circuits.list",
    method: "GET",
    path: "/circuits",
    permission: "outbox:read",
    summary: "List where effects go and whether it answers: the circuit of each destination",
    status: 200,
    response: z.object({ items: z.array(circuit) }),
  }),
  reset: operation({
    id: "circuits.reset",
    method: "POST",
    path: "/circuits/{destination}/reset",
    permission: "outbox:write",
    summary: "Close a circuit by hand and try its destination now",
    example: { params: { destination: "crl.publish" } },
    params: z.object({ destination: id }),
    status: 200,
    response: circuit,
    destructive: true,
    stepUp: false,
  }),
};
