/** Signed checkpoints of a tenant's log and what can be proved by them (C2SP tlog-checkpoint, RFC 6962). */
import * as z from "zod";
import { id, idParams, operation, pageOf, paging, timestamp } from "../operation.ts";
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
    query: z.strictObject({
      from: size.optional().meta({ description: "size of the earlier checkpoint; default: the first" }),
      to: size.optional().meta({ description: "size of the later checkpoint; default: the newest" }),
    }),
    status: 200,
    response: z.object({ from: checkpoint, to: checkpoint, proof }),
  }),
  entries: operation({
    id: "audit.entries",
    method: "GET",
    path: "/audit/entries",
    permission: "audit:read",
    summary: "List the events that the newest checkpoint covers, in the order of the tree",
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(1000).default(500),
      from: z.coerce.number().int().min(0).default(0).meta({ description: "place in the tree to begin at" }),
      cursor: paging.cursor,
    }),
    status: 200,
    response: pageOf(covered),
  }),
};
