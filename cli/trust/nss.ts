/** NSS databases: of Chrome and Chromium on Linux one for the user, of Firefox one in each profile (certutil(1)). */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import { pemDecode } from "#shared/pki/pem";
import { find, type Machine, run, succeed } from "./machine.ts";
import { withPemFile } from "./pem-file.ts";
import { storedAs, type TrustRoot } from "./root.ts";
import type { Store } from "./store.ts";

interface Database {
  readonly name: string;
  readonly directory: string;
}

const isDatabase = (directory: string): boolean => existsSync(join(directory, "cert9.db"));

function below(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return []; // there is no such directory
  }
}

/** Browsers that read the user's one database; it comes to be when one of them is started first. */
const chromes = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "microsoft-edge-stable",
  "brave-browser",
  "vivaldi",
];

function chromeDatabases(machine: Machine): readonly Database[] {
  const { home, environment } = machine;
  const data = environment["XDG_DATA_HOME"] || join(home, ".local", "share");
  const own = [join(home, ".pki", "nssdb"), join(data, "pki", "nssdb")];
  const there = own.filter(isDatabase);
  const installed = chromes.some((program) => find(machine, program) !== undefined);
  // All of them read the first one where there is one.
  const user = there.length === 0 && installed ? own.slice(0, 1) : there;
  const confined = [
    ...below(join(home, "snap")).map((app) => join(app, "current", ".pki", "nssdb")),
    ...below(join(home, ".var", "app")).map((app) => join(app, ".pki", "nssdb")),
  ].filter(isDatabase);
  return [...user, ...confined].map((directory) => ({ name: "Chrome, Chromium", directory }));
}

function firefoxDatabases({ home, environment }: Machine): readonly Database[] {
  const configuration = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  const flatpak = join(home, ".var", "app", "org.mozilla.firefox");
  return [
    join(home, ".mozilla", "firefox"),
    join(configuration, "mozilla", "firefox"),
    join(home, "snap", "firefox", "common", ".mozilla", "firefox"),
    join(flatpak, ".mozilla", "firefox"),
    join(flatpak, "config", "mozilla", "firefox"),
  ]
    .flatMap(below)
    .filter(isDatabase)
    .map((directory) => ({ name: "Firefox", directory }));
}

const packageOf: readonly (readonly [string, string])[] = [
  ["apt-get", "apt install libnss3-tools"],
  ["dnf", "dnf install nss-tools"],
  ["pacman", "pacman -S nss"],
  ["apk", "apk add nss-tools"],
  ["zypper", "zypper install mozilla-nss-tools"],
];

export function nssStores(machine: Machine): readonly Store[] {
  const certutil = find(machine, "certutil");
  const way = packageOf.find(([manager]) => find(machine, manager) !== undefined)?.[1] ?? "install NSS's tools";
  const missing = certutil === undefined ? `certutil is not there: ${way}` : undefined;
  const tool = (): string => certutil ?? failMissing(missing);
  return [...chromeDatabases(machine), ...firefoxDatabases(machine)].map(({ name, directory }) => {
    const database = ["-d", `sql:${directory}`];
    const holds = async (root: TrustRoot): Promise<boolean> => {
      if (!isDatabase(directory)) return false;
      const { ok, said } = await run(machine, tool(), ["-L", ...database, "-n", storedAs(root), "-a"]);
      return ok && pemDecode(said, "CERTIFICATE").some((der) => sha256Hex(der) === root.fingerprint);
    };
    return {
      kind: "browsers",
      name,
      place: directory,
      steps: "certutil -A, trusted for servers",
      needsRoot: false,
      ...(missing !== undefined && { missing }),
      holds,
      async install(root) {
        if (!isDatabase(directory)) {
          mkdirSync(directory, { recursive: true, mode: 0o700 });
          await succeed(machine, tool(), ["-N", ...database, "--empty-password"]);
        }
        await withPemFile(root, (file) =>
          // `C`: a CA for servers; for mail and code it stays unknown.
          succeed(machine, tool(), ["-A", ...database, "-n", storedAs(root), "-t", "C,,", "-i", file]),
        );
      },
      async remove(root) {
        if (await holds(root)) await succeed(machine, tool(), ["-D", ...database, "-n", storedAs(root)]);
      },
    } satisfies Store;
  });
}

function failMissing(missing = ""): never {
  throw new Failure("unavailable", missing);
}
