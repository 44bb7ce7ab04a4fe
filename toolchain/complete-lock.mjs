/**
 * Adds to package-lock.json the platform packages that the registry in use could not resolve.
 *
 * npm leaves an optional dependency out of the lock when the registry does not carry it (ours lacks most non-Linux
 * binaries) and then `npm ci` refuses the lock. The parent names each by exact version, so the entry can be written from
 * that; it has no integrity, because nobody here has seen the bytes. Run by `npm run lock` after every change of a dependency.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const systems = new Set([
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]);
const processors = new Set([
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "x64",
  "wasm32",
]);
const libraries = new Map([
  ["gnu", "glibc"],
  ["gnueabihf", "glibc"],
  ["musl", "musl"],
  ["musleabihf", "musl"],
]);

/** The optional dependencies that some locked package names and the lock does not hold. */
export function missingFromLock(lock) {
  const missing = [];
  for (const [location, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolves(lock, location, name)) missing.push({ name, version, parent: location });
    }
  }
  return missing;
}

function resolves(lock, location, name) {
  for (let folder = location; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

function platformEntry(version, name, parent) {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => systems.has(word));
  const cpu = words.filter((word) => processors.has(word));
  const libc = os[0] === "linux" ? words.flatMap((word) => libraries.get(word) ?? []) : [];
  if (!/^\d+\.\d+\.\d+$/.test(version) || os.length + cpu.length === 0) {
    throw new TypeError(
      `${name}@${version} is no exactly pinned platform package: resolve it by hand in package-lock.json`,
    );
  }
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev === true && { dev: true }),
    ...(libc.length > 0 && { libc }),
    license: parent.license,
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const file = join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingFromLock(lock);
  for (const { name, version, parent } of missing) {
    lock.packages[`node_modules/${name}`] = platformEntry(version, name, lock.packages[parent]);
  }
  const byName = ([a], [b]) => a.localeCompare(b, "en");
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  // npm writes what the lock wants into its record of what is installed, which the next start would believe.
  rmSync(join(root, "node_modules", ".package-lock.json"), { force: true });
  process.stdout.write(`package-lock.json: ${missing.length} platform packages added\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
