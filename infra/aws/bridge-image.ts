/** The bridge as an image: one bundled file and its Dockerfile in a folder. Docker is asked for when it is deployed, not before. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { ContainerImage } from "aws-cdk-lib/aws-ecs";
import { buildSync } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** @returns the folder, made anew */
export function bundleBridge(): string {
  const folder = join(root, ".cache/bundles/bridge");
  mkdirSync(folder, { recursive: true });
  buildSync({
    absWorkingDir: root,
    entryPoints: ["bridge/main.ts"],
    outfile: join(folder, "main.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "error",
  });
  copyFileSync(join(root, "bridge/Dockerfile"), join(folder, "Dockerfile"));
  return folder;
}

export const bridgeImage = (): ContainerImage =>
  ContainerImage.fromAsset(bundleBridge(), { platform: Platform.LINUX_ARM64 });
