import * as z from "zod";
import { id, operation, pageOf, paging, timestamp } from "../operation.ts";

const actor = z.object({ subject: z.string(), roles: z.array(z.string()) });

export const auditEvent = z.object({
  id,
  lane: z.number().int(),
  sequence: z.number().int(),
  time: timestamp,
  type: z.string(),
  actor,
  resource: z.object({ kind: z.string(), id: z.string() }),
  data: z.record(z.string(), z.json()),
  hash: z.string(),
});

/** The stored bytes of an event and its place in the chain: enough to recompute every hash without the server. */
export const chainLink = z.object({
  lane: z.number().int(),
  sequence: z.number().int(),
  hash: z.string(),
  event: z.string().nullable().meta({ description: "the exact stored text; null where retention removed it" }),
  sha256: z.string().meta({ description: "of that text, lower-case hex" }),
});
export const laneHead = z.object({ lane: z.number().int(), sequence: z.number().int(), hash: z.string() });

export const reconcileReport = z.object({
  clean: z.boolean(),
  signatures: z.number().int().meta({ description: "journalled signatures of certificates, CRLs and CA operations" }),
  recorded: z.number().int().meta({ description: "signatures with their event" }),
  ocsp_signatures: z.number().int(),
  reply_signatures: z.number().int(),
  decryptions: z.number().int(),
  checkpoint_signatures: z
    .number()
    .int()
    .meta({ description: "by the journal; as many as `checkpoints`, or not clean" }),
  checkpoints: z.number().int().meta({ description: "that are stored with their signature" }),
  refused: z.number().int(),
  in_flight: z.number().int().meta({ description: "younger than the grace window" }),
  repaired: z
    .array(z.object({ type: z.string(), id: z.string() }))
    .meta({ description: "signatures whose event never came: now recorded, certificates among them revoked" }),
  unjournalled: z
    .array(z.object({ type: z.string(), id: z.string() }))
    .meta({ description: "events whose signature the signer never made" }),
});

export const stateComparison = z.object({
  clean: z.boolean(),
  items: z.number().int().meta({ description: "stored items that follow from the log" }),
  differing: z.array(z.string()).meta({ description: "up to 100 that differ, are missing or should not be there" }),
  projections: z.array(
    z.object({ name: z.string(), clean: z.boolean(), quarantined_lanes: z.array(z.number().int()) }),
  ),
});

export const auditOperations = {
  list: operation({
    id: "audit.list",
    method: "GET",
    path: "/audit/events",
    permission: "audit:read",
    summary: "List audit events, newest first",
    example: { query: { type: "certificate.issued", since: "2030-01-01T00:00:00Z" } },
    query: z.strictObject({
      ...paging,
      type: z.string().max(100).optional(),
      since: timestamp.optional(),
      until: timestamp.optional(),
    }),
    status: 200,
    response: pageOf(auditEvent),
  }),
  export: operation({
    id: "audit.export",
    method: "GET",
    path: "/audit/export",
    permission: "audit:read",
    summary: "Export stored events with their hashes, lane by lane, oldest first",
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(1000).default(500),
      cursor: z.string().max(400).optional(),
    }),
    status: 200,
    response: z.object({
      tenant: z.string(),
      heads: z.array(laneHead),
      items: z.array(chainLink),
      next_cursor: z.string().nullable(),
    }),
  }),
  state: operation({
    id: "audit.state",
    method: "GET",
    path: "/audit/state",
    permission: "audit:read",
    summary: "Rebuild every derived item from the log and compare it with what is stored",
    status: 200,
    response: stateComparison,
  }),
  reconcile: operation({
    id: "audit.reconcile",
    method: "POST",
    path: "/audit/reconcile",
    permission: "audit:write",
    summary: "Compare the signer's journal with the events; record and revoke what has no event",
    status: 200,
    response: reconcileReport,
  }),
};
