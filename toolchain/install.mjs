/**
 * Brings node_modules to what package-lock.json says, and the pinned Node with it. Runs before every npm script and from
 * the bin, on whatever Node ≥ 20 is there; a tree that is current costs two small reads and a stat.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binaryProblem, readPin, root as ownRoot } from "./runtime.mjs";

/** A tree installed for a parent's sake may be slow to come; past this, a lock is a leftover. */
const lockLifetimeMs = 15 * 60_000;

class InstallError extends Error {}

/**
 * Says why node_modules must be installed again, or undefined when it is current.
 *
 * Without our stamp the tree may still be right (someone ran `npm ci` or `npm install`), and npm's own record of what it
 * installed tells: it is written last, so an interrupted install has none.
 */
export function staleness(root = ownRoot) {
  const inputs = inputsHash(root);
  const node = join(root, "node_modules", "node", "bin", "node");
  if (readText(stampOf(root)) !== inputs) {
    const difference = recordedDifference(root);
    if (difference !== undefined) return difference;
  }
  if (!existsSync(join(root, "node_modules", ".bin", "node")))
    return "the pinned Node is not linked in node_modules/.bin";
  const problem = binaryProblem(node, readPin(), join(root, "node_modules", ".trstctl-runtime.json"));
  if (problem !== undefined) return problem;
  if (readText(stampOf(root)) !== inputs) writeFileSync(stampOf(root), inputs);
  return undefined;
}

/** @throws InstallError with one message that names the way out. */
export function install(root = ownRoot) {
  refuseOldNode();
  const pin = readPin();
  if (pin.sha256 === undefined) throw new InstallError(binaryProblem("", pin));
  if (staleness(root) === undefined) return;
  withLock(join(root, ".cache", "install.lock"), () => {
    const reason = staleness(root);
    if (reason === undefined) return;
    const npm = findNpm(root);
    process.stderr.write(`trstctl: installing the pinned dependencies (npm ci): ${reason}\n`);
    if (recordedDifference(root) === undefined) {
      placeNode(root, npm);
      if (staleness(root) === undefined) return;
    }
    // --include: NODE_ENV=production or a user's `omit` would leave out Node itself and the test tools.
    run(npm, ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"], root);
    placeNode(root, npm);
    writeFileSync(stampOf(root), inputsHash(root));
    const remaining = staleness(root);
    if (remaining !== undefined) throw new InstallError(`npm ci succeeded, but ${remaining}`);
  });
}

/**
 * With `ignore-scripts` npm unpacks the `node` package without running the step that fetches its binary. That step is the
 * one script we need; what it fetched is then held against the hash in runtime.json.
 */
function placeNode(root, npm) {
  const folder = join(root, "node_modules", "node");
  const link = join(root, "node_modules", ".bin", "node");
  if (!existsSync(folder)) return;
  if (binaryProblem(join(folder, "bin", "node"), readPin(), join(root, "node_modules", ".trstctl-runtime.json"))) {
    const step = join(folder, "installArchSpecificPackage.js");
    const { status } = spawnSync(npm.node, ["--no-deprecation", step], {
      cwd: folder,
      env: npm.env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new InstallError("the install step of the npm package `node` failed; see above.");
  }
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  remove(link);
  symlinkSync("../node/bin/node", link);
}

function inputsHash(root) {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(root, name))).update("\0");
  return `${process.platform}-${process.arch} ${hash.digest("hex")}`;
}

function stampOf(root) {
  return join(root, "node_modules", ".trstctl-install");
}

function recordedDifference(root) {
  const record = readText(join(root, "node_modules", ".package-lock.json"));
  if (record === undefined) return "node_modules is missing or incomplete";
  const installed = JSON.parse(record).packages;
  const { "": declared, ...wanted } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
    if (sorted(manifest[kind]) !== sorted(declared[kind]))
      return `package.json and package-lock.json differ in ${kind}`;
  }
  for (const [location, { version, optional }] of Object.entries(wanted)) {
    const found = installed[location];
    if (found === undefined ? !optional : found.version !== version) return `${location} is not at ${version}`;
  }
  const extra = Object.keys(installed).find((location) => wanted[location] === undefined);
  return extra === undefined ? undefined : `${extra} is not in package-lock.json`;
}

function sorted(versions = {}) {
  return JSON.stringify(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuseOldNode() {
  if (Number(process.versions.node.split(".")[0]) >= 20) return;
  throw new InstallError(
    `Node ${process.version} is too old to install from: use Node 20 or later (https://nodejs.org).`,
  );
}

/**
 * The npm to install with, and the Node it runs on: never the one inside node_modules, which `npm ci` removes while it runs.
 */
function findNpm(root) {
  const inside = (path) => path !== undefined && realpath(path).startsWith(join(realpath(root), "node_modules"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && !inside(folder));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const script = (process.env.npm_execpath ?? "").replace(/npx-cli\.js$/, "npm-cli.js");
  const runs = [process.env.npm_node_execpath, process.execPath].find((node) => node !== undefined && !inside(node));
  const node = runs ?? path.map((folder) => join(folder, "node")).find((file) => existsSync(file));
  if (node === undefined) throw new InstallError("there is no Node on PATH besides the one to be replaced.");
  env.PATH = [...path, dirname(node)].join(delimiter);
  const npm =
    basename(script) === "npm-cli.js" && existsSync(script)
      ? { command: node, prefix: [script], node, env }
      : { command: "npm", prefix: [], node, env };
  const asked = spawnSync(npm.command, [...npm.prefix, "--version"], { cwd: root, env, encoding: "utf8" });
  const version = asked.stdout?.trim() ?? "";
  if (asked.status !== 0)
    throw new InstallError("npm cannot be run: put npm 10 or later on PATH (it comes with Node).");
  if (!(Number(version.split(".")[0]) >= 10)) throw new InstallError(`npm ${version} is too old: use npm 10 or later.`);
  return npm;
}

function run(npm, args, root) {
  const { status, signal } = spawnSync(npm.command, [...npm.prefix, ...args], {
    cwd: root,
    env: npm.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new InstallError(`npm ${args[0]} failed (${signal ?? `exit ${status}`}); see above.`);
}

/** One install at a time in one clone; the others wait for it and then find the tree current. */
function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !acquired(file); told = true) {
    if (!told) process.stderr.write("trstctl: waiting for another install in this clone\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
  }
  try {
    work();
  } finally {
    remove(file);
  }
}

function acquired(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = readText(file);
  if (holder !== undefined && abandoned(file, Number(holder)) && readText(file) === holder) remove(file);
  return false;
}

function abandoned(file, holder) {
  try {
    if (Date.now() - statSync(file).mtimeMs > lockLifetimeMs) return true;
    // A lock that is empty is being written this instant.
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function remove(file) {
  try {
    unlinkSync(file);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function realpath(path) {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Installs when needed; a failure is one message and exit code 1. */
export function installOrExit() {
  try {
    install();
  } catch (error) {
    process.stderr.write(`trstctl: ${error instanceof InstallError ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && realpath(process.argv[1]) === realpath(fileURLToPath(import.meta.url)))
  installOrExit();
