/** Templates of deployments as tests look at them, each made once for all tests. Bundles are small: templates do not know. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { newApp, stacksOf } from "../app.ts";
import { type Deployment, deploymentOf } from "../context.ts";
import { type Acknowledged, acknowledgedIn, type Finding, synthWithNag } from "../nag/nag.ts";
import { type Templates, templatesOf } from "./templates.ts";

export const variants = {
  minimal: {},
  "minimal with all that is asked for": {
    caKeys: "P-256,P-384,RSA-3072,ML-DSA-65,Ed25519,P-256",
    importedCaKeys: "P-256",
    bridge: "true",
    concurrency: "small",
  },
  standard: {
    profile: "standard",
    concurrency: "standard",
    caKeys: "P-256",
    importedCaKeys: "P-384",
    domain: "pki.example.com",
    certificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
    hostedZoneId: "Z0123456789ABC",
    originCertificateArn: "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555556",
    originClientCertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555557",
    originTrustStore: "s3://trust/cloudfront.pem",
  },
  regulated: { profile: "regulated", concurrency: "standard", caKeys: "RSA-PSS-4096,ML-DSA-87", bridge: "true" },
  silo: { name: "acme-pki", isolation: "silo", tenantId: "acme", profile: "standard" },
  "keys apart": {
    profile: "standard",
    caKeys: "P-384",
    importedCaKeys: "P-384,RSA-PSS-3072",
    account: "111122223333",
    caAccount: "444455556666",
    region: "eu-central-1",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as readonly Variant[];

let bundle: string | undefined;

/** An app that is not synthesized yet. */
export function appOf(variant: Variant): { readonly app: App; readonly deployment: Deployment } {
  if (bundle === undefined) {
    bundle = mkdtempSync(join(tmpdir(), "trstctl-bundle-"));
    writeFileSync(join(bundle, "index.mjs"), "");
  }
  const folder = bundle;
  const deployment = deploymentOf(variants[variant]);
  const app = newApp({ outdir: mkdtempSync(join(tmpdir(), "trstctl-cdk-")) });
  stacksOf(app, deployment, () => Code.fromAsset(folder));
  return { app, deployment };
}

export interface Synthesized {
  readonly templates: Templates;
  readonly deployment: Deployment;
  /** Of cdk-nag, but what is acknowledged. */
  readonly findings: readonly Finding[];
  readonly acknowledged: readonly Acknowledged[];
}

const made = new Map<Variant, Synthesized>();

export function synthesized(variant: Variant): Synthesized {
  const known = made.get(variant);
  if (known !== undefined) return known;
  const { app, deployment } = appOf(variant);
  const { assembly, findings } = synthWithNag(app);
  const templates: Templates = assembly === undefined ? new Map() : templatesOf(assembly);
  const fresh = { templates, deployment, findings, acknowledged: acknowledgedIn(app) };
  made.set(variant, fresh);
  return fresh;
}
