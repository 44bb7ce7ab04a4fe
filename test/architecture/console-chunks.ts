/** What a browser must have before a page of the console shows anything, by the manifest of its build. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../../toolchain/runtime.mjs";

/** Vite's manifest, as far as it is read here. `imports`: keys of what is loaded with it. */
export type Manifest = Readonly<
  Record<string, { readonly file: string; readonly isEntry?: boolean; readonly imports?: readonly string[] }>
>;

export const dist = join(root, "web", "dist");

export const builtManifest = (): Manifest => JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")) as Manifest;

const gzipBytes = (file: string): number => gzipSync(readFileSync(join(dist, file))).length;

/**
 * JavaScript of the first visit, by the page that is visited: the entry, the page, and all that they import.
 * @param sizeOf bytes of a file; default: of the built one, gzip
 */
export function initialJavaScript(manifest: Manifest, sizeOf = gzipBytes): ReadonlyMap<string, number> {
  const keys = Object.keys(manifest);
  const entries = keys.filter((key) => manifest[key]?.isEntry === true);
  const pages = keys.filter((key) => key.startsWith("pages/"));
  if (entries.length === 0 || pages.length === 0) throw new Error("the manifest names no entry or no page");
  return new Map(
    pages.map((page) => {
      const files = withImports(manifest, [...entries, page]);
      return [page, [...files].reduce((sum, file) => sum + sizeOf(file), 0)];
    }),
  );
}

function withImports(manifest: Manifest, keys: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const files = new Set<string>();
  const waiting = [...keys];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the manifest has no ${key}`);
    if (chunk.file.endsWith(".js")) files.add(chunk.file);
    waiting.push(...(chunk.imports ?? []));
  }
  return files;
}
