import * as z from "zod";
import {
  cliFile,
  exampleId,
  id,
  idParams,
  name,
  operation,
  pageOf,
  paging,
  profileFilter,
  timestamp,
} from "../operation.ts";
import { certificateWithPem, revocationReasons } from "./certificates.ts";

const maxAttributesLength = 16_384;

export const identityStatuses = [
  "requested",
  "issued",
  "failed",
  "deployed",
  "renewing",
  "revoked",
  "retired",
  "cancelled",
] as const;

export const identity = z.object({
  id,
  kind: z.literal("x509_certificate"),
  name,
  owner_id: id,
  issuer_id: id.nullable(),
  profile: z.string().nullable(),
  dns_names: z.array(z.string()),
  status: z.enum(identityStatuses),
  certificate_id: id.nullable(),
  failure: z
    .object({ code: z.string(), detail: z.string(), at: timestamp, retry_to: z.enum(identityStatuses) })
    .nullable(),
  attributes: z.record(z.string(), z.json()),
  history: z.array(
    z.object({ from: z.string(), to: z.string(), at: timestamp, by: z.string(), reason: z.string().nullable() }),
  ),
  created_at: timestamp,
  updated_at: timestamp,
});

export const transitionTargets = ["issued", "deployed", "renewing", "revoked", "retired", "cancelled"] as const;

/** What a transition answers: the identity and, where one was minted, its certificate and once its key. */
export const transitionResult = identity.extend({
  certificate: certificateWithPem.nullable(),
  private_key: z
    .string()
    .nullable()
    .meta({ description: "PKCS#8 PEM, only when `generate_key` was asked for, only in the first answer" }),
  private_key_status: z.enum(["none", "shown", "already_shown"]),
});

export const identityOperations = {
  list: operation({
    id: "identities.list",
    method: "GET",
    path: "/identities",
    permission: "identities:read",
    summary: "List identities",
    example: { query: { status: "failed" } },
    query: z.strictObject({
      ...paging,
      status: z.enum(identityStatuses).optional(),
      profile: profileFilter,
      owner_id: id.optional(),
    }),
    status: 200,
    response: pageOf(identity),
  }),
  create: operation({
    id: "identities.create",
    method: "POST",
    path: "/identities",
    permission: "identities:write",
    summary: "Request an identity",
    example: {
      body: { name: "shop", owner_id: exampleId, dns_names: ["shop.example.com"], attributes: { tier: "gold" } },
    },
    body: z.strictObject({
      kind: z.literal("x509_certificate").default("x509_certificate"),
      name,
      owner_id: id,
      issuer_id: id.optional(),
      profile: id.optional(),
      dns_names: z
        .array(z.string().min(1).max(253))
        .max(100)
        .default([])
        .meta({ description: "names the certificate must carry, exactly; empty: those of the certificate request" }),
      attributes: z
        .record(z.string().max(100), z.json())
        .refine(
          (value) => JSON.stringify(value).length <= maxAttributesLength,
          `at most ${maxAttributesLength} characters as JSON`,
        )
        .default({}),
    }),
    status: 201,
    response: identity,
  }),
  get: operation({
    id: "identities.get",
    method: "GET",
    path: "/identities/{id}",
    permission: "identities:read",
    summary: "Show an identity",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: identity,
  }),
  transition: operation({
    id: "identities.transition",
    method: "POST",
    path: "/identities/{id}/transitions",
    permission: "identities:write",
    summary: "Move an identity along its lifecycle; to `issued` and `renewing` mints a certificate",
    example: { params: { id: exampleId }, body: { to: "issued", generate_key: true } },
    params: idParams,
    body: z.strictObject({
      to: z.enum(transitionTargets),
      reason: z.enum(revocationReasons).optional().meta({ description: "for `revoked`" }),
      note: z.string().max(500).optional(),
      csr: z
        .string()
        .min(1)
        .max(98_304)
        .optional()
        .meta({ description: "for `issued` and `renewing`: the key stays with its owner", ...cliFile }),
      generate_key: z
        .boolean()
        .optional()
        .meta({ description: "for `issued` and `renewing`: make the key here and return it once" }),
    }),
    status: 200,
    response: transitionResult,
    destructive: { field: "to", values: ["revoked", "retired", "cancelled"] },
    stepUp: { field: "to", values: ["revoked", "retired"] },
    showsSecret: true,
  }),
};
