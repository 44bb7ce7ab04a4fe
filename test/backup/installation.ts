/** A small data directory of real keys, journal and store, without starting anything: the one in test/fixtures. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { lockDataDirectory } from "#infra/local/data-directory";
import { readMarker } from "#infra/local/data-marker";
import { migrate, stepsFrom } from "#infra/local/migrations/migrate";
import { type Places, placesOf } from "#infra/local/places";

const archive = fileURLToPath(new URL("../fixtures/data-v1/installation.tar.gz", import.meta.url));

export interface Installation extends Disposable {
  /** Everything of it, and room for the test's own files. */
  readonly directory: string;
  readonly places: Places;
  readonly kek: SecretBytes;
  /** Of another data directory in the same place, which is not there yet. */
  elsewhere(name: string): Places;
}

export function installation(): Installation {
  const directory = mkdtempSync(join(tmpdir(), "tb-"));
  execFileSync("tar", ["-xzf", archive, "-C", directory]);
  chmodSync(join(directory, "data"), 0o700);
  const kekFile = join(directory, "kek");
  const elsewhere = (name: string): Places =>
    placesOf({ TRSTCTL_DATA_DIR: join(directory, name), TRSTCTL_KEK_FILE: kekFile }, {});
  const places = elsewhere("data");
  const marker = readMarker(places.data) ?? { format: "none" };
  const release = lockDataDirectory(places);
  migrate(places, marker, stepsFrom(marker) ?? []);
  release();
  return {
    directory,
    places,
    elsewhere,
    kek: new SecretBytes(new Uint8Array(readFileSync(kekFile))),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
