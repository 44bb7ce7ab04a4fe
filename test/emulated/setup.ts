/** Before the first test (vitest's globalSetup): the tools are there, and the app is deployed; after the last nothing is left. */
import type { TestProject } from "vitest/node";
import { curl } from "../interop/tools/curl.ts";
import { legoDebian } from "../interop/tools/lego.ts";
import { ministack } from "../interop/tools/ministack.ts";
import { openssl } from "../interop/tools/openssl.ts";
import { directoryOf, install } from "../interop/tools/tool.ts";
import { type Deployment, openDeployment } from "./deployment.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly deployment: Deployment;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const tool of [ministack, openssl, curl, legoDebian])
    process.stdout.write(`${tool.name} ${await install(tool)} (${directoryOf(tool)})\n`);
  const { deployment, stop } = await openDeployment();
  project.provide("deployment", deployment);
  return stop;
}
