/** Sealed keys as files, one for each, their data keys under a key encryption key of ours. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deriveKey } from "#shared/crypto/hmac";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { makeDirectoryDurably, writeFileDurably } from "../durable-file.ts";
import { kekWrapping } from "./kek.ts";
import type { KeyStore } from "./key-store.ts";
import { type SealedStorage, sealedKeyStore } from "./sealed.ts";
import { assertSealedFor, bindingOf, readSealedKey, spkiOf, unsealKey, type Wrapping } from "./sealed-key.ts";

/** Of every tenant. @param directory may be missing */
export const keyFiles = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory).flatMap((tenant) =>
        readdirSync(join(directory, tenant))
          .filter((name) => name.endsWith(".json"))
          .map((name) => join(directory, tenant, name)),
      )
    : [];

const named = (path: string): string => `key file ${path}`;

/**
 * What a key file says, for a backup. With the KEK the key is opened, which proves that both belong together.
 * @throws Failure `corrupt`, or `misconfigured` when it was sealed under another KEK
 */
export function inspectKeyFile(
  bytes: Uint8Array,
  path: string,
  kek: SecretBytes | undefined,
): { readonly spec: KeySpec; readonly kek: string; readonly spki: Uint8Array | undefined } {
  const sealed = readSealedKey(bytes, named(path));
  const { spec } = sealed;
  if (kek === undefined) return { spec, kek: sealed.kek, spki: undefined };
  const wrapping = kekWrapping(kek);
  assertSealedFor(sealed, spec, named(path), wrapping);
  const key = unsealKey(sealed, wrapping.unwrapNow(fromBase64(sealed.dataKey), bindingOf(spec)));
  return { spec, kek: sealed.kek, spki: spkiOf(key) };
}

/** One key tells for all: a start with the wrong KEK is refused, rather than every signature later. */
function assertSealedUnder({ id, other }: Wrapping, directory: string): void {
  const [path] = keyFiles(directory);
  if (path === undefined) return;
  const { kek } = readSealedKey(readFileSync(path), named(path));
  if (kek !== id) throw other(named(path), kek);
}

function fileStorage(directory: string): SealedStorage {
  const pathOf = ({ tenant, handle }: KeySpec): string => join(directory, tenant, `${handle}.json`);
  const find = (path: string) => lstatSync(path, { throwIfNoEntry: false });
  return {
    where: (spec) => named(pathOf(spec)),
    async read(spec) {
      const path = pathOf(spec);
      const stat = find(path);
      if (stat === undefined) return undefined;
      if (!stat.isFile() || (stat.mode & 0o077) !== 0)
        throw new Failure("corrupt", `${named(path)} must be a regular file of mode 0600`);
      return readFileSync(path);
    },
    async write(spec, bytes) {
      const path = pathOf(spec);
      if (find(path) !== undefined) return false;
      makeDirectoryDurably(dirname(path));
      writeFileDurably(path, bytes);
      return true;
    },
  };
}

export function openKeyStore(directory: string, kek: SecretBytes): KeyStore {
  makeDirectoryDurably(directory);
  const wrapping = kekWrapping(kek);
  assertSealedUnder(wrapping, directory);
  return sealedKeyStore({
    storage: fileStorage(directory),
    wrapping,
    rejection: deriveKey(kek.reveal(), "trstctl/key-transport/1"),
  });
}
