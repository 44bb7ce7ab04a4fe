/** Signed checkpoints of a tenant's log and what can be proved by them (C2SP tlog-checkpoint, RFC 6962). */
import * as z from "zod";
import { exampleCertificateId, id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";
import { chainLink, laneHead } from "./audit.ts";

const hash = z.string().meta({ description: "32 bytes in base64" });
const proof = z.array(hash).meta({ description: "RFC 6962, from the leaf side up" });
const size = z.coerce.number().int().min(1);

export const checkpoint = z.object({
  number: z.number().int(),
  size: z.number().int().meta({ description: "events that it covers" }),
  root: hash,
  time: timestamp,
  heads: z.array(laneHead).meta({ description: "where it ends in every lane" }),
  note: z.string().meta({ description: "the signed note" }),
});

const covered = chainLink.extend({
  index: z.number().int().meta({ description: "place in the tree, from 0" }),
});

const inclusion = covered.extend({
  previous_hash: z.string().meta({ description: "chain hash of the event before it in its lane" }),
  entry: z.string().meta({ description: "what the leaf hashes, base64" }),
  size: z.number().int(),
  root: hash,
  proof,
  note: z.string(),
});

const ofSize = z.strictObject({
  size: size.optional().meta({ description: "of the checkpoint to prove it by; default: the newest" }),
});

const beginning = z.object({
  size: z.number().int(),
  frontier: z.array(hash).meta({ description: "right edge of the tree before it, largest subtree first" }),
  heads: z.array(laneHead).meta({ description: "the last event before it in every lane" }),
});

const prunedLog = z.object({
  size: z.number().int().meta({ description: "events that retention may have removed, counted from the first" }),
  archive: z.string(),
  digest: z.string(),
});

export const checkpointOperations = {
  key: operation({
    id: "audit.key",
    method: "GET",
    path: "/audit/key",
    permission: "audit:read",
    summary: "Show the public key that checkpoints of this tenant's log are verified with",
    status: 200,
    response: z.object({ origin: z.string(), algorithm: z.literal("Ed25519"), verifier_key: z.string() }),
  }),
  make: operation({
    id: "audit.checkpoint",
    method: "POST",
    path: "/audit/checkpoints",
    permission: "audit:write",
    summary: "Sign a checkpoint over everything that is committed",
    status: 200,
    response: checkpoint,
  }),
  list: operation({
    id: "audit.checkpoints",
    method: "GET",
    path: "/audit/checkpoints",
    permission: "audit:read",
    summary: "List signed checkpoints, newest first",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(checkpoint),
  }),
  inclusion: operation({
    id: "audit.inclusion",
    method: "GET",
    path: "/audit/inclusion",
    permission: "audit:read",
    summary: "Prove that an event is in the log that a checkpoint was signed over",
    example: { query: { lane: 0, sequence: 7 } },
    query: ofSize.extend({
      lane: z.coerce.number().int().min(0).max(999_999).default(0),
      sequence: z.coerce.number().int().min(1).max(999_999_999_999).default(1),
    }),
    status: 200,
    response: inclusion,
  }),
  certificate: operation({
    id: "certificates.inclusion",
    method: "GET",
    path: "/certificates/{id}/inclusion",
    permission: "audit:read",
    summary: "Prove that the issuance of a certificate is in the log that a checkpoint was signed over",
    example: { params: { id: exampleCertificateId } },
    params: idParams,
    query: ofSize,
    status: 200,
    response: inclusion.extend({ certificate_id: id }),
  }),
  consistency: operation({
    id: "audit.consistency",
    method: "GET",
    path: "/audit/consistency",
    permission: "audit:read",
    summary: "Prove that the log of one checkpoint extends that of an earlier one",
    example: { query: { from: 100, to: 200 } },
    query: z.strictObject({
      from: size.optional().meta({ description: "size of the earlier checkpoint; default: the first" }),
      to: size.optional().meta({ description: "size of the later checkpoint; default: the newest" }),
    }),
    status: 200,
    response: z.object({ from: checkpoint, to: checkpoint, proof }),
  }),
  prunable: operation({
    id: "audit.prunable",
    method: "GET",
    path: "/audit/prunable",
    permission: "audit:read",
    summary: "Show which events can be archived and pruned: old enough, covered by a checkpoint, not pruned yet",
    example: { query: { before: "2030-01-01T00:00:00Z" } },
    query: z.strictObject({
      before: timestamp.optional().meta({ description: "default: as much as the retention setting allows" }),
    }),
    status: 200,
    response: z.object({
      from: beginning,
      to: checkpoint.nullable().meta({ description: "null: nothing" }),
      events: z.number().int(),
    }),
  }),
  prune: operation({
    id: "audit.prune",
    method: "POST",
    path: "/audit/prune",
    permission: "audit:write",
    summary: "Remove the events up to a checkpoint that an archive holds, all but their hashes",
    example: { body: { size: 1000, archive: "/srv/archive/2030", digest: "0f".repeat(32) } },
    body: z.strictObject({
      size: size.meta({ description: "of the checkpoint, as `audit.prunable` names it" }),
      archive: z
        .string()
        .trim()
        .min(1)
        .max(300)
        .meta({ description: "where the archive is kept; with --before its directory" }),
      digest: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits")
        .meta({ description: "over every archived event, as `audit verify --offline` gives it" }),
    }),
    status: 200,
    response: prunedLog,
    destructive: true,
    stepUp: true,
  }),
  entries: operation({
    id: "audit.entries",
    method: "GET",
    path: "/audit/entries",
    permission: "audit:read",
    summary: "List the events that the newest checkpoint covers, in the order of the tree",
    example: { query: { from: 1000, limit: 100 } },
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(1000).default(500),
      from: z.coerce.number().int().min(0).default(0).meta({ description: "place in the tree to begin at" }),
      cursor: paging.cursor,
    }),
    status: 200,
    response: pageOf(covered),
  }),
};
