/**
 * The guard of every entry point: this process runs on exactly the Node binary that runtime.json pins.
 *
 * It stands against accidents (an old Node after `npm ci --ignore-scripts`, a replaced or half-written binary), not against
 * someone who chooses which program to start: that person can also leave the guard out.
 *
 * Plain .mjs for any Node ≥ 20, because it must be able to refuse one.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Node that `npm ci` puts into this clone. */
export const pinnedNode = join(root, "node_modules", "node", "bin", "node");

/**
 * Names the binary that a parent process has verified. Only consulted where Node's permission model keeps a process from
 * reading its own binary (the signer): such a child checks the version and that it runs the very file its parent checked.
 */
export const verifiedByParent = "TRSTCTL_RUNTIME_VERIFIED";

const wayOut = "Start it by `npm start`, `npm test` or `npx trstctl`; if it persists, run `npm ci`.";

export function readPin() {
  const { version, sha256 } = JSON.parse(readFileSync(join(root, "toolchain", "runtime.json"), "utf8"));
  const platform = `${process.platform}-${process.arch}`;
  return { version, platform, sha256: sha256[platform] };
}

/**
 * Says what is wrong with a Node binary, or undefined when its SHA-256 is the pinned one.
 *
 * Hashing 120 MB takes 60-170 ms, so a success is noted in `stamp` together with what `stat` said; a file that still has
 * that inode, size and change time is not read again.
 */
export function binaryProblem(binary, pin = readPin(), stamp = join(root, "node_modules", ".trstctl-runtime.json")) {
  if (pin.sha256 === undefined) {
    return `there is no pinned Node for ${pin.platform}. Add the SHA-256 of its bin/node to toolchain/runtime.json.`;
  }
  const seen = describe(binary);
  if (seen === undefined) return `the pinned Node v${pin.version} is not at ${binary}. ${wayOut}`;
  const verified = JSON.stringify({ binary, ...seen, sha256: pin.sha256 });
  if (read(stamp) === verified) return undefined;
  const found = sha256OfFile(binary);
  if (found !== pin.sha256) {
    return `${binary} is not the pinned Node v${pin.version} (SHA-256 ${found}, expected ${pin.sha256}). ${wayOut}`;
  }
  write(stamp, verified);
  return undefined;
}

/** Says what is wrong with the Node of this process, or undefined when it is the pinned one. */
export function runtimeProblem() {
  const pin = readPin();
  if (process.version !== `v${pin.version}`) {
    return `this is Node ${process.version} (${process.execPath}); trstctl runs only on its pinned Node v${pin.version}. ${wayOut}`;
  }
  if (process.permission?.has("fs.read", process.execPath) === false) {
    if (process.env[verifiedByParent] === process.execPath) return undefined;
    return `this process may not read its own Node (${process.execPath}) and its parent has not verified it.`;
  }
  return binaryProblem(process.execPath, pin);
}

/** Ends the process with one message and exit code 1 unless it runs on the pinned Node. */
export function assertPinnedRuntime() {
  const problem = runtimeProblem();
  if (problem === undefined) return;
  process.stderr.write(`trstctl: ${problem}\n`);
  process.exit(1);
}

/** The environment entry a verified parent hands to a child that may not read its own binary. */
export function runtimeForChild() {
  assertPinnedRuntime();
  return { [verifiedByParent]: process.execPath };
}

function describe(file) {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return { ino: `${ino}`, size: `${size}`, mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}` };
  } catch {
    return undefined;
  }
}

function sha256OfFile(file) {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, "r");
  try {
    for (let length = readSync(descriptor, block); length > 0; length = readSync(descriptor, block)) {
      hash.update(block.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

function read(stamp) {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return undefined;
  }
}

/** A stamp that cannot be written only costs the next start a hash. */
function write(stamp, text) {
  try {
    writeFileSync(`${stamp}.${process.pid}`, text);
    renameSync(`${stamp}.${process.pid}`, stamp);
  } catch {}
}
