/**
 * What is deployed of a function: its handler and all that it reaches in one file, the AWS SDK included, so that what runs is
 * what was tested. `.cache/bundles/<name>/index.mjs`, with a source map beside it that only a stack trace opens.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { leanSdk } from "./bundle/lean-sdk.ts";

export interface BundledFunction {
  readonly name: string;
  /** Below functions/. */
  readonly handler: string;
}

export interface Bundle {
  readonly name: string;
  /** Holds `index.mjs`, whose export is `handler`. */
  readonly directory: string;
  /** Of `index.mjs`. */
  readonly bytes: number;
  /** Path from the root of the clone → bytes of it that are in the bundle. */
  readonly inputs: Readonly<Record<string, number>>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** CommonJS packages among the inputs ask for Node's own modules by `require`, which an ES module has not. */
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** @param into a folder that is the bundles' alone: what is there of these functions is replaced */
export async function buildBundles(
  functions: readonly BundledFunction[],
  into = join(root, ".cache", "bundles"),
): Promise<readonly Bundle[]> {
  await mkdir(into, { recursive: true });
  return Promise.all(functions.map((entry) => buildBundle(entry, join(into, entry.name))));
}

async function buildBundle({ name, handler }: BundledFunction, directory: string): Promise<Bundle> {
  await rm(directory, { recursive: true, force: true });
  const outfile = join(directory, "index.mjs");
  const { metafile } = await build({
    entryPoints: [join(root, "functions", handler)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // Packages' ES modules, of which what is not reached can be left out.
    mainFields: ["module", "main"],
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    banner: { js: banner },
    metafile: true,
    logLevel: "error",
    plugins: [leanSdk],
  });
  const output = metafile.outputs[relative(root, outfile)];
  if (output === undefined) throw new Error(`esbuild wrote no ${outfile}`);
  return {
    name,
    directory,
    bytes: output.bytes,
    inputs: Object.fromEntries(Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}
