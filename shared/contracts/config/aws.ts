/** Settings of the functions on AWS: what the stacks put into their environment, and the parameter with the URLs. */
import * as z from "zod";
import { commonSettings as common } from "./common.ts";

const text = z.string().min(1);
const jsonOf = <S extends z.ZodType>(schema: S, what: string) =>
  z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: `expected JSON: ${what}` });
        return z.NEVER;
      }
    })
    .pipe(schema);

/** What each function may find in its environment; it says itself which of these it cannot do without. */
export const lambdaConfig = z.object({
  TRSTCTL_DEPLOYMENT: text.meta({ description: "name of the deployment: `<name>-<function>` is a function's" }),
  TRSTCTL_CORE_TABLE: text.optional().meta({ description: "table of all tenants' items" }),
  TRSTCTL_DIRECTORY_TABLE: text.optional().meta({ description: "table of public names" }),
  TRSTCTL_BLOB_BUCKET: text.optional().meta({ description: "bucket of tenants' blobs" }),
  TRSTCTL_PUBLIC_BUCKET: text.optional().meta({ description: "bucket that the revocation distribution reads" }),
  TRSTCTL_TENANT_ROLE_ARN: text
    .optional()
    .meta({ description: "role that is assumed for each tenant, tagged with it" }),
  TRSTCTL_SIGNER_FUNCTION: text.optional().meta({ description: "name of the signer's function" }),
  TRSTCTL_HOST_KEY_ID: text.optional().meta({ description: "KMS HMAC key that the deployment's secret comes from" }),
  TRSTCTL_SETTINGS_PARAMETER: text.optional().meta({ description: "SSM parameter with the public URLs" }),
  AWS_REGION: text.optional().meta({ description: "where the function runs; Lambda says it" }),
  TRSTCTL_CANARY_PARAMETER: text
    .optional()
    .meta({ description: "SSM parameter (SecureString) with the canary's token" }),
  TRSTCTL_SIGN_IN_PARAMETER: text
    .optional()
    .meta({ description: "SSM parameter (SecureString) with the identity providers, where the operator put one" }),
  TRSTCTL_LANES: z.coerce.number().int().min(1).max(64).default(8).meta({ description: "lanes of a tenant's log" }),
  TRSTCTL_WAKE_QUEUES: jsonOf(z.record(text, z.url()), "wake function → URL of its queue")
    .optional()
    .meta({ description: "JSON: wake function → URL of its queue" }),
  TRSTCTL_HOSTNAMES: common.TRSTCTL_HOSTNAMES.unwrap()
    .prefault("")
    .meta({ description: "names beside those of the public URLs to answer to, comma-separated" }),
  TRSTCTL_RESOLVERS: common.TRSTCTL_RESOLVERS,
  TRSTCTL_EGRESS_CIDRS: common.TRSTCTL_EGRESS_CIDRS,
  TRSTCTL_CAA_IDENTITIES: common.TRSTCTL_CAA_IDENTITIES,
  TRSTCTL_AUDIT_RETENTION_DAYS: common.TRSTCTL_AUDIT_RETENTION_DAYS,
  TRSTCTL_RATE_PER_MINUTE: common.TRSTCTL_RATE_PER_MINUTE,
  TRSTCTL_RATE_BURST: common.TRSTCTL_RATE_BURST,
  TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR: common.TRSTCTL_ENROL_PER_SUBJECT_PER_HOUR,
  TRSTCTL_ENROL_PER_NAME_PER_HOUR: common.TRSTCTL_ENROL_PER_NAME_PER_HOUR,
});

export type LambdaConfig = z.output<typeof lambdaConfig>;

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);
const origin = (protocol: "https" | "http") =>
  z
    .url({ error: `expected an ${protocol}:// URL` })
    .refine((url) => {
      const { protocol: given, hostname } = new URL(url);
      return given === `${protocol}:` || (given === "http:" && loopback.has(hostname)); // an emulator speaks no TLS
    }, `expected an ${protocol}:// URL`)
    .refine((url) => !/[@?#]/.test(url), "expected no user, query or fragment")
    .transform((url) => url.replace(/\/$/, ""));

/**
 * `TRSTCTL_SETTINGS_PARAMETER`: where clients find this deployment. Written when its edge is there, or by the operator who
 * has a domain of their own; URLs that are handed out come from here, never from a request.
 */
export const publicSettings = z.strictObject({
  /** Of API and protocols: `https://host[:port]`, and a path only where the API has a stage in it. */
  publicUrl: origin("https"),
  /** Burnt into certificates: `http://host`. */
  revocationBaseUrl: origin("http"),
  /** Where clients show a certificate, when that is another name. */
  mtlsUrl: origin("https").optional(),
  /**
   * Nobody but the distribution reaches the APIs (it shows them a certificate of its own): then what it says of the viewer,
   * `CloudFront-Viewer-*`, is true. Otherwise anybody could say it.
   */
  originLocked: z.boolean().default(false),
});

export type PublicSettings = z.output<typeof publicSettings>;
