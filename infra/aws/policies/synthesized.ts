/** Templates of deployments as tests look at them, each made once for all tests. Bundles are small: templates do not know. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { newApp, stacksOf } from "../app.ts";
import { type Deployment, deploymentOf } from "../context.ts";
import { type Templates, templatesOf } from "./templates.ts";

export const variants = {
  minimal: {},
  "minimal with keys": { caKeys: "P-256,P-384,RSA-3072,ML-DSA-65,Ed25519,P-256", concurrency: "small" },
  standard: { profile: "standard", concurrency: "standard", caKeys: "P-256", domain: "pki.example.com" },
  regulated: { profile: "regulated", concurrency: "standard", caKeys: "RSA-PSS-4096,ML-DSA-87", bridge: "true" },
  silo: { name: "acme-pki", isolation: "silo", tenantId: "acme", profile: "standard" },
  "keys apart": {
    profile: "standard",
    caKeys: "P-384",
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

const made = new Map<Variant, { readonly templates: Templates; readonly deployment: Deployment }>();

export function synthesized(variant: Variant): { readonly templates: Templates; readonly deployment: Deployment } {
  const known = made.get(variant);
  if (known !== undefined) return known;
  const { app, deployment } = appOf(variant);
  const fresh = { templates: templatesOf(app.synth()), deployment };
  made.set(variant, fresh);
  return fresh;
}
