/**
 * Builds the native part of the signer's PKCS#11 backend into `toolchain/pkcs11/node_modules`, for who sets
 * TRSTCTL_PKCS11_MODULE: `npm run pkcs11`. Nothing global: the sources and Node's headers come from npm by a lock of their own,
 * and one call of the machine's C++ compiler is all that it takes.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./runtime.mjs";

export const folder = join(root, "toolchain", "pkcs11");
const source = join(folder, "node_modules", "pkcs11js");
const addon = join(source, "build", "Release", "pkcs11.node");
/** Beside the addon: the lock that it was built from. */
const stamp = `${addon}.lock`;

const lock = () => readFileSync(join(folder, "package-lock.json"), "utf8");
const isCurrent = () => existsSync(addon) && existsSync(stamp) && readFileSync(stamp, "utf8") === lock();

function run(command, words, cwd, otherwise) {
  const { error, status } = spawnSync(command, words, { cwd, stdio: ["ignore", 2, 2] });
  if (error === undefined && status === 0) return;
  throw new Error(error === undefined ? `${command} ended with ${status}` : `${error.message}; ${otherwise}`);
}

/** @returns whether there was anything to do @throws Error that names the way out */
export function buildPkcs11() {
  if (isCurrent()) return false;
  const script = process.env.npm_execpath ?? "";
  const npm = script.endsWith("npm-cli.js") ? [process.execPath, script] : ["npm"];
  const [program, ...words] = [...npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run(program, words, folder, "npm must be on PATH");
  mkdirSync(join(source, "build", "Release"), { recursive: true });
  const compiled = ["dl.cpp", "common.cpp", "main.cpp"].map((name) => join("src", name));
  for (const name of compiled)
    if (!readdirSync(join(source, "src")).includes(name.slice(4))) throw new Error(`pkcs11js has no ${name} any more`);
  const shared = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"];
  const headers = ["-I", join(folder, "node_modules", "node-api-headers", "include"), "-I", "includes"];
  run(
    process.env.CXX || "c++",
    ["-std=c++17", "-O2", "-fPIC", ...shared, "-DNAPI_DISABLE_CPP_EXCEPTIONS", ...headers, ...compiled, "-o", addon],
    source,
    "install a C++ compiler (Debian: g++), or name it in CXX",
  );
  writeFileSync(stamp, lock());
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    process.stderr.write(buildPkcs11() ? `built ${addon}\n` : `${addon} is current\n`);
  } catch (error) {
    process.stderr.write(`trstctl: the PKCS#11 part cannot be built: ${error.message}\n`);
    process.exitCode = 1;
  }
}
