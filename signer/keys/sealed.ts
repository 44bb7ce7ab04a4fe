/**
 * The sealed key store: one file for each key, PKCS#8 under a data key of its own, the data key under the KEK
 * (AES-256-GCM both). What the key may do is the associated data: whoever changes it cannot open the key.
 */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { open, seal } from "#shared/crypto/seal";
import { base64, fromBase64, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { writeFileDurably } from "../durable-file.ts";
import { keyAlgorithms } from "./algorithms.ts";

interface KeyFile {
  readonly format: "trstctl-key/1";
  /** Which KEK sealed it: the first 16 hex digits of its SHA-256 under a label, so a wrong KEK is named as such. */
  readonly kek: string;
  readonly spec: KeySpec;
  readonly dataKey: string;
  readonly privateKey: string;
}

export interface KeyStore {
  /** Makes and stores a key; durable when it returns. @returns SubjectPublicKeyInfo, DER */
  create(spec: KeySpec): Promise<Uint8Array>;
  sign(spec: KeySpec, data: Uint8Array): Promise<Uint8Array>;
}

/** The text that both seals are bound to. */
const bound = (spec: KeySpec, part: string): Uint8Array => utf8(`trstctl-key/1\n${part}\n${canonical(spec)}`);

const canonical = ({ tenant, handle, algorithm, purpose, limits }: KeySpec): string =>
  JSON.stringify([
    tenant,
    handle,
    algorithm,
    purpose,
    limits.maxLeafSeconds ?? null,
    limits.ratePerSecond ?? null,
    limits.permittedDns ?? null,
    limits.issuerHandle ?? null,
  ]);

export const sameSpec = (a: KeySpec, b: KeySpec): boolean => canonical(a) === canonical(b);

const damaged = (path: string, cause?: unknown): Failure =>
  new Failure("corrupt", `key file ${path} is not what was written; restore it from a backup`, { cause });

/** @throws Failure `corrupt` for a file that is not one of ours */
function readKeyFile(path: string): KeyFile {
  let file: Partial<KeyFile> | null;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as Partial<KeyFile> | null;
  } catch (cause) {
    throw damaged(path, cause);
  }
  const { format, kek, spec, dataKey, privateKey } = file ?? {};
  const whole = [kek, dataKey, privateKey].every((text) => typeof text === "string");
  if (format !== "trstctl-key/1" || !whole || typeof spec?.limits !== "object" || spec.limits === null)
    throw damaged(path);
  return file as KeyFile;
}

/** One key tells for all: a start with the wrong KEK is refused, rather than every signature later. */
function assertSealedUnder(kekId: string, directory: string): void {
  for (const tenant of readdirSync(directory)) {
    for (const name of readdirSync(join(directory, tenant))) {
      if (!name.endsWith(".json")) continue;
      const path = join(directory, tenant, name);
      const file = readKeyFile(path);
      if (file.kek !== kekId) throw otherKek(path, file, kekId);
      return;
    }
  }
}

const otherKek = (path: string, file: KeyFile, kekId: string): Failure =>
  new Failure(
    "misconfigured",
    `key file ${path} was sealed under another key encryption key (${file.kek}, this one is ${kekId}); set TRSTCTL_KEK_FILE to that one, or restore it from where it was kept`,
  );

export function openKeyStore(directory: string, kek: SecretBytes): KeyStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const kekId = sha256Hex(`trstctl-kek-id\n${sha256Hex(kek.reveal())}`).slice(0, 16);
  const opened = new Map<string, KeyObject>();
  assertSealedUnder(kekId, directory);
  const pathOf = ({ tenant, handle }: KeySpec): string => join(directory, tenant, `${handle}.json`);

  function load(spec: KeySpec): KeyObject {
    const path = pathOf(spec);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new Failure("corrupt", `key file ${path} is missing; restore it from a backup`);
    if (!stat.isFile() || (stat.mode & 0o077) !== 0)
      throw new Failure("corrupt", `key file ${path} must be a regular file of mode 0600`);
    const file = readKeyFile(path);
    if (file.kek !== kekId) throw otherKek(path, file, kekId);
    // The journal's spec is the one that counts; a file that says otherwise was changed or is another key's.
    if (!sameSpec(file.spec, spec)) throw damaged(path);
    const dataKey = open(kek.reveal(), fromBase64(file.dataKey), bound(spec, "data-key"));
    const pkcs8 = open(dataKey, fromBase64(file.privateKey), bound(spec, "private-key"));
    dataKey.fill(0);
    const key = createPrivateKey({
      key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.byteLength),
      format: "der",
      type: "pkcs8",
    });
    pkcs8.fill(0);
    return key;
  }

  return {
    async create(spec) {
      const { publicKey, privateKey } = await keyAlgorithms[spec.algorithm].generate();
      const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
      const dataKey = randomBytes(32);
      const file: KeyFile = {
        format: "trstctl-key/1",
        kek: kekId,
        spec,
        dataKey: base64(seal(kek.reveal(), dataKey, bound(spec, "data-key"))),
        privateKey: base64(seal(dataKey, pkcs8, bound(spec, "private-key"))),
      };
      pkcs8.fill(0);
      dataKey.fill(0);
      mkdirSync(join(directory, spec.tenant), { recursive: true, mode: 0o700 });
      writeFileDurably(pathOf(spec), `${JSON.stringify(file)}\n`);
      opened.set(pathOf(spec), privateKey);
      return new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
    },

    async sign(spec, data) {
      const path = pathOf(spec);
      const key = opened.get(path) ?? load(spec);
      opened.set(path, key);
      return keyAlgorithms[spec.algorithm].sign(key, data);
    },
  };
}
