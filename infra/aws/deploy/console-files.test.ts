import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { consoleFiles } from "./console-files.ts";

function built(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "trstctl-console-"));
  mkdirSync(join(folder, "assets"));
  for (const name of names) writeFileSync(join(folder, name), "");
  return folder;
}

test("the document comes last and from no cache, what has a hash in its name stays for a year", () => {
  const folder = built(
    "index.html",
    "assets/main-1a2b.js",
    "assets/main-1a2b.js.br",
    "favicon.svg",
    "manifest.json",
    ".inputs",
  );
  expect(consoleFiles(folder).map(({ key, contentType, cacheControl }) => [key, contentType, cacheControl])).toEqual([
    ["assets/main-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["favicon.svg", "image/svg+xml", "no-cache"],
    ["index.html", "text/html; charset=utf-8", "no-cache"],
  ]);
});

test("a file of a kind that nobody thought of stops the deployment", () => {
  expect(() => consoleFiles(built("index.html", "assets/x.wasm"))).toThrow(
    "web/dist/assets/x.wasm: no content type for .wasm",
  );
});
