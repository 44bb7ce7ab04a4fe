import * as z from "zod";
import { subjectKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { ruleSets } from "#shared/kernel/rule-set";
import { id, name, operation, protocolName, timestamp } from "../operation.ts";

/** What the signer grants a leaf under any profile (CA/B BR 6.3.2). */
const maxLeafSeconds = 398 * 86_400;

/** Many relying parties cannot read a key restricted to RSASSA-PSS, and CA/B BR 7.1.3.1.1 forbids it: only on request. */
const defaultKeyAlgorithms = subjectKeyAlgorithms.filter((name) => name !== "RSA-PSS");
export const leafUsages = ["serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping"] as const;

/** Empty list: no restriction; but once one of the four name lists is set, names of the other kinds are refused. */
export const profileSpec = z.strictObject({
  issuer_id: id.optional().meta({ description: "issuing CA; default: the tenant's oldest active one" }),
  allowed_key_algorithms: z.array(z.enum(subjectKeyAlgorithms)).default([...defaultKeyAlgorithms]),
  min_rsa_bits: z.number().int().min(2048).max(8192).default(2048),
  extended_key_usages: z.array(z.enum(leafUsages)).min(1).default(["serverAuth", "clientAuth"]),
  default_validity_seconds: z
    .number()
    .int()
    .min(60)
    .default(30 * 86_400),
  max_validity_seconds: z
    .number()
    .int()
    .min(60)
    .max(maxLeafSeconds, "a leaf lives for at most 398 days")
    .default(90 * 86_400),
  allowed_protocols: z
    .array(protocolName)
    .max(16)
    .default([])
    .meta({ description: "api, or enrolment protocols of the host; any when empty" }),
  allowed_dns_suffixes: z.array(z.string().min(1).max(253)).default([]),
  allowed_ip_cidrs: z.array(z.string()).default([]),
  allowed_email_domains: z.array(z.string().min(1).max(253)).default([]),
  allowed_uri_prefixes: z.array(z.string()).default([]),
  allow_wildcards: z.boolean().default(true),
  conforms_to: z.enum(ruleSets).default("pkix").meta({
    description:
      "whose rules a certificate must keep to be signed: pkix, or the CA/Browser Forum's for TLS servers too",
  }),
  certificate_policies: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^[0-2](\.(0|[1-9]\d{0,14})){1,20}$/, "a dotted object identifier"),
    )
    .max(8)
    .default([])
    .meta({ description: "OIDs of the certificatePolicies extension; none when empty" }),
  include_ocsp: z.boolean().default(true).meta({ description: "AIA with the OCSP and caIssuers URLs" }),
  include_crl: z.boolean().default(true).meta({ description: "CDP with the URL of the certificate's shard" }),
});
export type ProfileSpec = z.infer<typeof profileSpec>;

export const profile = z.object({
  name: id,
  version: z.number().int(),
  active: z.boolean(),
  spec: profileSpec,
  created_by: z.string(),
  created_at: timestamp,
});

const versionParams = z.object({ name: id, version: z.coerce.number().int().min(1) });

export const profileOperations = {
  list: operation({
    id: "profiles.list",
    method: "GET",
    path: "/profiles",
    permission: "profiles:read",
    summary: "List the active version of each profile",
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: z.string().max(400).optional(),
    }),
    status: 200,
    response: z.object({ items: z.array(profile), next_cursor: z.string().nullable() }),
  }),
  create: operation({
    id: "profiles.create",
    method: "POST",
    path: "/profiles",
    permission: "profiles:write",
    summary: "Create a profile, or the next version of one",
    example: { body: { name: "web", spec: { allowed_dns_suffixes: ["example.com"], allow_wildcards: false } } },
    body: z.strictObject({
      name: name.max(60).regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and - only"),
      spec: profileSpec.default(profileSpec.parse({})),
    }),
    status: 201,
    response: profile,
  }),
  get: operation({
    id: "profiles.get",
    method: "GET",
    path: "/profiles/{name}/versions/{version}",
    permission: "profiles:read",
    summary: "Show one version of a profile",
    example: { params: { name: "web", version: "2" } },
    params: versionParams,
    status: 200,
    response: profile,
  }),
};
