/** Where things are on one machine. Signer and host each have a directory that the other has no business in. */
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostConfig } from "#shared/contracts/config/host";
import { Failure } from "#shared/kernel/failure";

export const cloneRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Places {
  readonly data: string;
  /** Store, blobs, secrets of the host. */
  readonly host: string;
  /** Key store and journal; only the signer's. */
  readonly signer: string;
  /** Unix sockets, 0700. */
  readonly run: string;
  /** Profile of the CLI. */
  readonly cli: string;
  readonly kek: string;
  readonly signerSocket: string;
  readonly adminSocket: string;
}

/** The kernel keeps socket paths in 108 bytes. */
const maxRunPath = 90;

/** @throws Failure `misconfigured` for a run directory that is too deep or a KEK inside the data directory */
export function placesOf(config: HostConfig, environment: Readonly<Record<string, string | undefined>>): Places {
  const data = resolve(cloneRoot, config.TRSTCTL_DATA_DIR);
  const run = config.TRSTCTL_RUN_DIR === undefined ? join(data, "run") : resolve(cloneRoot, config.TRSTCTL_RUN_DIR);
  const kek = resolve(
    cloneRoot,
    config.TRSTCTL_KEK_FILE ?? join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "trstctl", "kek"),
  );
  if (Buffer.byteLength(run) > maxRunPath)
    throw new Failure(
      "misconfigured",
      `${run} is too long for a Unix socket; set TRSTCTL_RUN_DIR to a directory of your own with a short path`,
    );
  if (kek === data || kek.startsWith(data + sep))
    throw new Failure(
      "misconfigured",
      `the key encryption key ${kek} lies in the data directory: whoever copies that has the keys; set TRSTCTL_KEK_FILE to a place outside it`,
    );
  return {
    data,
    host: join(data, "host"),
    signer: join(data, "signer"),
    run,
    cli: join(data, "cli"),
    kek,
    signerSocket: join(run, "signer.sock"),
    adminSocket: join(run, "admin.sock"),
  };
}
