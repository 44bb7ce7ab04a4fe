import * as z from "zod";
import {
  cliFile,
  exampleCertificateId,
  exampleCsr,
  id,
  idParams,
  operation,
  pageOf,
  paging,
  profileFilter,
  protocolName,
  timestamp,
} from "../operation.ts";

/** RFC 5280 5.3.1 reasons that a person may give; removeFromCRL belongs to delta CRLs, CA reasons to issuers. */
export const revocationReasons = [
  "unspecified",
  "keyCompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "privilegeWithdrawn",
] as const;

export const certificate = z.object({
  id: id.meta({ description: "`<issuer>-<serial>`" }),
  kind: z.enum(["leaf", "ca"]),
  serial: z.string().meta({ description: "lower-case hex" }),
  status: z.enum(["active", "superseded", "revoked", "expired"]),
  subject: z.string(),
  sans: z.array(z.string()),
  issuer_id: id,
  profile: z.string().nullable(),
  protocol: z.string(),
  endpoint: z.string().nullable().meta({ description: "label of the enrolment endpoint that it came through" }),
  identity_id: id.nullable(),
  owner_id: id.nullable(),
  replaces_id: id.nullable(),
  replaced_by_id: id.nullable(),
  key_algorithm: z.string(),
  fingerprint: z.string().meta({ description: "SHA-256 of the DER, lower-case hex" }),
  not_before: timestamp,
  not_after: timestamp,
  revoked_at: timestamp.nullable(),
  revocation_reason: z.string().nullable(),
  created_at: timestamp,
});

export const certificateWithPem = certificate.extend({
  certificate: z.string().meta({ description: "PEM" }),
  chain: z.array(z.string()).meta({ description: "PEM, the issuing CA first; the root is left out" }),
});

const csr = z
  .string()
  .min(1)
  .max(98_304)
  .meta({ description: "PKCS#10 certificate request, PEM or base64 DER", ...cliFile });

const counts = z.object({ issued: z.number().int(), revoked: z.number().int(), superseded: z.number().int() });

/** What happened from this day on, until the next period begins. */
const periods = z.array(z.object({ from: z.iso.date(), count: z.number().int() }));

export const certificateSummary = z.object({
  total: counts,
  by_issuer: z.array(counts.extend({ issuer_id: id })),
  issued_by_day: periods.meta({ description: "the last four weeks; days on which none was issued are left out" }),
  ending_by_day: periods.meta({
    description:
      "leaves that were not revoked, by the day on which they end, the last two weeks on; days without are left out",
  }),
  ending_by_week: periods.meta({
    description: "leaves that were not revoked, by the week in which they end; weeks without are left out",
  }),
  events_behind: z.number().int().meta({ description: "events that the summary has not seen yet" }),
});

export const certificateOperations = {
  list: operation({
    id: "certificates.list",
    method: "GET",
    path: "/certificates",
    permission: "certs:read",
    summary: "List certificates, the one that expires first at the top",
    example: { query: { q: "example.com", status: "active", expiring_before: "2030-01-31T12:00:00Z" } },
    query: z.strictObject({
      ...paging,
      sort: z
        .enum(["expires", "-expires"])
        .default("expires")
        .meta({ description: "by when they end; `-`: the last one first. Not with `q`, whose order is that of names" }),
      q: z
        .string()
        .trim()
        .min(2)
        .max(200)
        .regex(/^[^\p{Cc}#]+$/u, "no control characters and no #")
        .optional()
        .meta({
          description:
            "an id or serial number (hex or decimal), exactly; else names that are in this domain or begin so",
        }),
      status: z
        .enum([...certificate.shape.status.options, "unrevoked"])
        .optional()
        .meta({ description: "unrevoked: whatever was not revoked, expired or not" }),
      issuer_id: id.optional(),
      profile: profileFilter,
      owner_id: id.optional(),
      protocol: protocolName.optional(),
      expiring_before: timestamp.optional(),
      expiring_after: timestamp.optional(),
    }),
    status: 200,
    response: pageOf(certificate),
  }),
  issue: operation({
    id: "certificates.issue",
    method: "POST",
    path: "/certificates",
    permission: "certs:issue",
    summary: "Issue a certificate for a certificate request",
    example: { body: { csr: exampleCsr, profile: "default", validity_seconds: 86_400 } },
    body: z.strictObject({
      csr,
      profile: id.optional().meta({ description: "profile name, or `name@version`; default: `default`" }),
      issuer_id: id.optional().meta({ description: "default: the tenant's oldest active issuing CA" }),
      validity_seconds: z
        .number()
        .int()
        .min(60)
        .max(398 * 86_400)
        .optional(),
      owner_id: id.optional(),
    }),
    status: 201,
    response: certificateWithPem,
  }),
  summary: operation({
    id: "certificates.summary",
    method: "GET",
    path: "/certificates/summary",
    permission: "certs:read",
    summary: "Count certificates by issuer, by the day of issue and by the day and week of expiry",
    status: 200,
    response: certificateSummary,
  }),
  get: operation({
    id: "certificates.get",
    method: "GET",
    path: "/certificates/{id}",
    permission: "certs:read",
    summary: "Show a certificate",
    example: { params: { id: exampleCertificateId } },
    params: idParams,
    status: 200,
    response: certificateWithPem,
  }),
  revoke: operation({
    id: "certificates.revoke",
    method: "POST",
    path: "/certificates/{id}/revoke",
    permission: "certs:issue",
    summary: "Revoke a certificate; OCSP and the CRL say so when this answers",
    example: { params: { id: exampleCertificateId }, body: { reason: "keyCompromise" } },
    params: idParams,
    body: z.strictObject({ reason: z.enum(revocationReasons).default("unspecified") }),
    status: 200,
    response: certificate,
    destructive: true,
    stepUp: true,
  }),
};
