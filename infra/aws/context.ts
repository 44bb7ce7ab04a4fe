/**
 * What an operator decides about a deployment: CDK contexts, all with defaults (`-c name=value`, or `context` in cdk.json).
 * Wrong, unknown and contradicting ones are told together, before anything is synthesized.
 */
import { isTenantId } from "#shared/kernel/ids";
import type { Node } from "constructs";
import * as z from "zod";
import { type CaKeyAlgorithm, caKeyAlgorithms, importableCaKeys } from "./ca-key-algorithms.ts";

const flag = z
  .union([z.boolean(), z.enum(["true", "false"]).transform((on) => on === "true")], { error: "expected true or false" })
  .default(false);
const account = z.string().regex(/^\d{12}$/, "expected the 12 digits of an AWS account");
const hostname = z
  .string()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "expected a host name in lower case");

const certificateIn = (region: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:acm:${region}:\\d{12}:certificate/[0-9a-f-]{36}$`),
      `expected the ARN of an ACM certificate${region === "us-east-1" ? " in us-east-1" : ""}`,
    );

/** Names of algorithms with commas between; one key is made for each, the same name twice makes two. */
const keysOf = (algorithms: readonly [CaKeyAlgorithm, ...CaKeyAlgorithm[]], what: string) =>
  z
    .union([z.string().transform((text) => text.split(",")), z.array(z.string())])
    .transform((names) => names.map((name) => name.trim()).filter(Boolean))
    .pipe(z.array(z.enum(algorithms, { error: `${what}: ${algorithms.join(", ")}` })).max(20, "at most 20 keys"))
    .default([]);
const caKeys = keysOf(caKeyAlgorithms, "KMS has keys of");
const importedCaKeys = keysOf(importableCaKeys, "KMS keys can be imported of");

const fields = {
  name: z
    .string()
    .regex(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/, "expected 1 to 22 of a-z, 0-9 and -, a letter first, no - last")
    .default("trstctl")
    .meta({ description: "what all names begin with" }),
  profile: z
    .enum(["minimal", "standard", "regulated"], { error: "expected minimal, standard or regulated" })
    .default("minimal")
    .meta({
      description: "minimal: at most $10 a month idle; standard: WAF, alarms, canary; regulated: locked for good",
    }),
  concurrency: z
    .enum(["none", "small", "standard"], { error: "expected none, small or standard" })
    .default("none")
    .meta({ description: "reserved concurrency: none, 200 or 800 in all; a new account has none to reserve" }),
  isolation: z
    .enum(["pool", "silo"], { error: "expected pool or silo" })
    .default("pool")
    .meta({ description: "pool: tenants share the tables; silo: all of it is one tenant's" }),
  tenantId: z
    .string()
    .refine(isTenantId, "expected a tenant id: a-z, 0-9 and -")
    .optional()
    .meta({ description: "of a silo: its one tenant" }),
  domain: hostname.optional().meta({ description: "host name of API and protocols; without: CloudFront's own" }),
  account: account.optional().meta({ description: "account of all but the keys; without: that of the credentials" }),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "expected an AWS Region such as eu-central-1")
    .optional()
    .meta({ description: "home Region; without: that of the credentials" }),
  caAccount: account.optional().meta({ description: "account of the signer and its keys, when another one" }),
  certificateArn: certificateIn("us-east-1")
    .optional()
    .meta({ description: "ACM certificate in us-east-1 for the domain, `status.` and `mtls.` below it" }),
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, "expected the id of a Route 53 zone such as Z0123456789ABC")
    .optional()
    .meta({ description: "Route 53 zone of the domain, for its records; without: you make them" }),
  originCertificateArn: certificateIn("[a-z0-9-]+")
    .optional()
    .meta({ description: "ACM certificate in the home Region for `*.origin.<domain>`, the names of the APIs" }),
  originClientCertificateArn: certificateIn("us-east-1")
    .optional()
    .meta({ description: "ACM certificate in us-east-1 that CloudFront shows to the APIs" }),
  originTrustStore: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}\/.+$/, "expected s3://bucket/key of PEM certificates")
    .optional()
    .meta({ description: "s3:// URL of the CA certificates by which the APIs know CloudFront" }),
  bridge: flag.meta({ description: "run the agents' bridge (Fargate, about $50 a month)" }),
  defaultCaKeys: z
    .enum(["sealed", "kms"], { error: "expected sealed or kms" })
    .default("sealed")
    .meta({ description: "what holds the keys of CAs that do not ask: sealed (wrapped by KMS) or kms, one key each" }),
  importedCaKeys: importedCaKeys.meta({
    description: "KMS keys like those of `caKeys` without material: you import your own with `trstctl kms import-key`",
  }),
  caKeys: caKeys.meta({ description: "KMS keys made for CAs to claim, $1 a month each; without: wrapped keys only" }),
} as const;

/** With all of these the APIs serve CloudFront alone, and clients can show a certificate at `mtls.<domain>`. */
const lockFields = ["originCertificateArn", "originClientCertificateArn", "originTrustStore"] as const;

const contexts = z.strictObject(fields).superRefine((given, context) => {
  const { isolation, tenantId, account: own, region, caAccount, domain, certificateArn, hostedZoneId } = given;
  const wrong = (path: keyof typeof fields, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (isolation === "silo" && tenantId === undefined) wrong("tenantId", "isolation=silo is for one tenant: name it");
  if (isolation === "pool" && tenantId !== undefined) wrong("tenantId", "only with isolation=silo");
  if (domain !== undefined && certificateArn === undefined)
    wrong("certificateArn", "with domain CloudFront needs a certificate for it");
  if (domain === undefined && certificateArn !== undefined) wrong("certificateArn", "only with domain");
  if (domain === undefined && hostedZoneId !== undefined) wrong("hostedZoneId", "only with domain");
  const lock = lockFields.filter((field) => given[field] !== undefined);
  if (lock.length > 0 && domain === undefined) wrong(lock[0] ?? "domain", "only with domain");
  if (lock.length > 0)
    for (const field of lockFields)
      if (given[field] === undefined) wrong(field, `${lock.join(" and ")} alone lock nothing: give all three`);
  if (given.defaultCaKeys === "kms" && given.caKeys.length + given.importedCaKeys.length === 0)
    wrong("defaultCaKeys", "kms needs keys: name them in caKeys");
  if (caAccount !== undefined) {
    if (own === undefined) wrong("account", "with caAccount the other account must be named too");
    if (region === undefined) wrong("region", "with caAccount the Region must be named too");
    if (own === caAccount) wrong("caAccount", "is the same account as `account`: leave it out");
  }
});

/** Documented in docs/aws.md, which a test asks for. */
export const contextFields: Readonly<Record<string, z.ZodType>> = fields;

export type Profile = "minimal" | "standard" | "regulated";
export type Deployment = Readonly<Omit<z.output<typeof contexts>, "caKeys" | "importedCaKeys">> & {
  readonly caKeys: readonly CaKeyAlgorithm[];
  readonly importedCaKeys: readonly CaKeyAlgorithm[];
};

export interface OriginLock {
  /** Of the APIs' own names. */
  readonly certificateArn: string;
  /** That CloudFront shows. */
  readonly clientCertificateArn: string;
  /** `s3://bucket/key` of the CAs that it is from. */
  readonly trustStore: string;
}

export function originLockOf({
  originCertificateArn: certificateArn,
  originClientCertificateArn: clientCertificateArn,
  originTrustStore: trustStore,
}: Deployment): OriginLock | undefined {
  const none = certificateArn === undefined || clientCertificateArn === undefined || trustStore === undefined;
  return none ? undefined : { certificateArn, clientCertificateArn, trustStore };
}

export class ContextError extends Error {}

/** CDK's own: feature flags, what it looked up, and what it writes for its tools. */
const ofCdk = /[:@/]|^(cli|tree|availability-zones)/;

/**
 * @param given every context of the app, CDK's own among them
 * @throws ContextError that names every wrong context and what is expected
 */
export function deploymentOf(given: Readonly<Record<string, unknown>>): Deployment {
  const ours = Object.fromEntries(Object.entries(given).filter(([key]) => !ofCdk.test(key)));
  const result = contexts.safeParse(ours);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${key}: no such context; there are ${Object.keys(fields).join(", ")}`)
      : [`${issue.path[0]?.toString() ?? "contexts"}: ${issue.message}`],
  );
  throw new ContextError(`wrong contexts:\n${[...new Set(problems)].map((line) => `  ${line}`).join("\n")}`);
}

/** @throws ContextError */
export const deploymentOfApp = (node: Node): Deployment =>
  deploymentOf(node.getAllContext() as Record<string, unknown>);
