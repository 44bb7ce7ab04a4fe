/**
 * Builds the console into web/dist when its sources are not those of the last build. Runs before `npm start` and
 * `npm test` on whatever Node ≥ 20 is there; nothing to do costs the reading of the sources, some milliseconds.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { pinnedNode, root } from "./runtime.mjs";

const web = join(root, "web");
const built = join(web, "dist");
const stamp = join(built, ".inputs");
/** What gets smaller. */
const compressible = /[.](js|css|html|svg)$/;

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

function inputs() {
  const hash = createHash("sha256");
  const sources = filesBelow(web).filter((file) => !file.startsWith(built));
  for (const file of [join(root, "package-lock.json"), ...sources.sort()])
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** @returns true when it had to be built */
export function buildWeb() {
  const wanted = inputs();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "--config", join(web, "vite.config.ts"), "--logLevel", "warn"];
  // A test runner says "test", and React would be built for those who develop it.
  const env = { ...process.env, NODE_ENV: "production" };
  const { status } = spawnSync(pinnedNode, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("the console does not build; see above");
  for (const file of filesBelow(built))
    if (compressible.test(file)) writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  writeFileSync(stamp, wanted);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (buildWeb()) process.stderr.write("trstctl: built the console\n");
  } catch (error) {
    process.stderr.write(`trstctl: ${error.message}\n`);
    process.exit(1);
  }
}
