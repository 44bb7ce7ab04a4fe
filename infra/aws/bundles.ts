/**
 * What is deployed of a function: its handler and all that it reaches in one folder, the AWS SDK included, so that what runs is
 * what was tested: `.cache/bundles/<name>/index.mjs`, with source maps beside it that only a stack trace opens.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { leanSdk } from "./bundle/lean-sdk.ts";
import { prebuiltOpenApi } from "./bundle/prebuilt-openapi.ts";

export interface BundledFunction {
  readonly name: string;
  /** Below functions/. */
  readonly handler: string;
}

export interface Bundle {
  readonly name: string;
  /** Holds `index.mjs`, whose export is `handler`, and what it imports only when it is asked for. */
  readonly directory: string;
  /** Of the files that a cold start reads. */
  readonly startBytes: number;
  /** Of all files. */
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
  const { metafile } = await build({
    entryPoints: { index: join(root, "functions", handler) },
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    // `import()` makes a file of its own, which a cold start leaves alone.
    splitting: true,
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
    plugins: [leanSdk, prebuiltOpenApi],
  });
  const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith(".mjs"));
  const started = startedWith(relative(root, join(directory, "index.mjs")), new Map(outputs));
  const inputs: Record<string, number> = {};
  for (const [, output] of outputs)
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs))
      inputs[path] = (inputs[path] ?? 0) + bytesInOutput;
  const sum = (paths: typeof outputs) => paths.reduce((total, [, { bytes }]) => total + bytes, 0);
  return {
    name,
    directory,
    startBytes: sum(outputs.filter(([path]) => started.has(path))),
    bytes: sum(outputs),
    inputs,
  };
}

/** The file and all that it imports by statement. */
function startedWith(entry: string, outputs: ReadonlyMap<string, Metafile["outputs"][string]>): ReadonlySet<string> {
  const started = new Set([entry]);
  for (const path of started)
    for (const { path: imported, kind } of outputs.get(path)?.imports ?? [])
      if (kind === "import-statement" && outputs.has(imported)) started.add(imported);
  return started;
}
