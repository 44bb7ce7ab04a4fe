/** Where things are on one machine. Signer and host each have a directory that the other has no business in. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostConfig } from "#shared/contracts/config/host";

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
  /** PIN of a token; undefined without one. */
  readonly pin: string | undefined;
  readonly signerSocket: string;
  readonly adminSocket: string;
}

type PlaceSettings = Pick<
  Partial<HostConfig>,
  "TRSTCTL_DATA_DIR" | "TRSTCTL_RUN_DIR" | "TRSTCTL_KEK_FILE" | "TRSTCTL_PKCS11_PIN_FILE"
>;

/** Whether they may be there is `placeProblems`'s to say. */
export function placesOf(config: PlaceSettings, environment: Readonly<Record<string, string | undefined>>): Places {
  const data = resolve(cloneRoot, config.TRSTCTL_DATA_DIR ?? ".trstctl");
  const run = config.TRSTCTL_RUN_DIR === undefined ? join(data, "run") : resolve(cloneRoot, config.TRSTCTL_RUN_DIR);
  const kek = resolve(
    cloneRoot,
    config.TRSTCTL_KEK_FILE ?? join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "trstctl", "kek"),
  );
  return {
    data,
    host: join(data, "host"),
    signer: join(data, "signer"),
    run,
    cli: join(data, "cli"),
    kek,
    pin: config.TRSTCTL_PKCS11_PIN_FILE,
    signerSocket: join(run, "signer.sock"),
    adminSocket: join(run, "admin.sock"),
  };
}
