import * as z from "zod";
import { signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { keyBackends } from "#shared/kernel/key-backend";
import { exampleId, id, idParams, name, operation, pageOf, paging, timestamp } from "../operation.ts";

export const issuer = z.object({
  id: id.meta({ description: "opaque and public: it stands in the OCSP, CRL and caIssuers URLs" }),
  kind: z.literal("x509_ca"),
  role: z.enum(["root", "issuing"]),
  name,
  status: z.enum(["active", "retired"]),
  parent_id: id.nullable(),
  subject: z.string(),
  key_algorithm: z.enum(signerKeyAlgorithms),
  signature_algorithm: z.string().meta({ description: "what it signs certificates and CRLs with" }),
  responder_key_algorithm: z.enum(signerKeyAlgorithms),
  key_backend: z.enum(keyBackends).meta({ description: "what holds its private key" }),
  serial: z.string(),
  not_before: timestamp,
  not_after: timestamp,
  permitted_dns: z.array(z.string()),
  ocsp_url: z.string(),
  ca_issuers_url: z.string(),
  crl_urls: z.array(z.string()),
  certificate: z.string().meta({ description: "PEM" }),
  chain: z.array(z.string()).meta({ description: "PEM, from this issuer's own issuer up to the root" }),
  created_at: timestamp,
});

const issuerBody = z.strictObject({
  kind: z.literal("x509_ca").default("x509_ca"),
  name: name.max(64),
  key_algorithm: z.enum(signerKeyAlgorithms).default("P-256"),
  responder_key_algorithm: z.enum(signerKeyAlgorithms).optional().meta({
    description: "of its OCSP responder; default P-256, of a post-quantum issuer ML-DSA of the same strength",
  }),
  key_backend: z.enum(keyBackends).optional().meta({
    description: "what is to hold its private key, of what the deployment has; default: as the operator has set it",
  }),
  validity_days: z.number().int().min(1).max(3650).default(1825),
  permitted_dns: z.array(z.string().min(1).max(253)).max(100).default([]).meta({
    description: "DNS names it may issue for, and all below them; held by name constraints and by the signer",
  }),
});

export const root = z.object({
  issuer_id: id,
  subject: z.string(),
  fingerprint: z.string(),
  certificate: z.string().meta({ description: "PEM" }),
});

export const issuerOperations = {
  list: operation({
    id: "issuers.list",
    method: "GET",
    path: "/issuers",
    permission: "issuers:read",
    summary: "List issuers",
    query: z.strictObject(paging),
    status: 200,
    response: pageOf(issuer),
  }),
  create: operation({
    id: "issuers.create",
    method: "POST",
    path: "/issuers",
    permission: "issuers:write",
    summary: "Create an issuing CA below the tenant's root",
    example: { body: { name: "Web CA", key_algorithm: "P-384", permitted_dns: ["example.com"] } },
    body: issuerBody,
    status: 201,
    response: issuer,
  }),
  root: operation({
    id: "issuers.root",
    method: "GET",
    path: "/issuers/root",
    permission: "issuers:read",
    summary: "Show the root certificate that relying parties trust",
    status: 200,
    response: root,
  }),
  get: operation({
    id: "issuers.get",
    method: "GET",
    path: "/issuers/{id}",
    permission: "issuers:read",
    summary: "Show an issuer",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: issuer,
  }),
  retire: operation({
    id: "issuers.retire",
    method: "POST",
    path: "/issuers/{id}/retire",
    permission: "issuers:write",
    summary: "Stop issuing from an issuer; its OCSP and CRLs go on",
    example: { params: { id: exampleId } },
    params: idParams,
    status: 200,
    response: issuer,
    destructive: true,
    stepUp: true,
  }),
};
