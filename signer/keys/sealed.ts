/**
 * The sealed key store: one file for each key, PKCS#8 under a data key of its own, the data key under the KEK
 * (AES-256-GCM both). What the key may do is the associated data: whoever changes it cannot open the key.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { deriveKey } from "#shared/crypto/hmac";
import { randomBytes } from "#shared/crypto/random";
import { open, seal } from "#shared/crypto/seal";
import { base64, fromBase64, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import type { KeySpec } from "#shared/ports/signer";
import { makeDirectoryDurably, writeFileDurably } from "../durable-file.ts";
import { keyAlgorithms } from "./algorithms.ts";
import { createKeyTransport } from "./key-transport.ts";
import { createLanes } from "./lanes.ts";

interface KeyFile {
  readonly format: "trstctl-key/1";
  /** Which KEK sealed it: the first 16 hex digits of its SHA-256 under a label, so a wrong KEK is named as such. */
  readonly kek: string;
  readonly spec: KeySpec;
  readonly dataKey: string;
  readonly privateKey: string;
}

export interface StoredKey {
  /** As the key was made. */
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export interface KeyStore {
  /**
   * Makes and stores a key; durable when it returns. A key that is there already is given back and never written over: it
   * was made just before a crash.
   * @throws Failure `conflict` when that was made for something else
   */
  create(spec: KeySpec): Promise<StoredKey>;
  /** Makes sure that the key can sign, if it is asked to in this turn. @throws Failure `corrupt`, `overloaded` */
  open(spec: KeySpec): void;
  sign(spec: KeySpec, data: Uint8Array): Promise<Uint8Array>;
  /** @returns `keyBytes` octets, whatever the padding was; see `key-transport.ts` */
  decrypt(spec: KeySpec, ciphertext: Uint8Array, keyBytes: number): Uint8Array;
}

/** The text that both seals are bound to. */
const bound = (spec: KeySpec, part: string): Uint8Array => utf8(`trstctl-key/1\n${part}\n${canonical(spec)}`);

const asked = ({ tenant, handle, algorithm, purpose, limits }: KeySpec): readonly unknown[] => [
  tenant,
  handle,
  algorithm,
  purpose,
  limits.maxLeafSeconds ?? null,
  limits.ratePerSecond ?? null,
  limits.permittedDns ?? null,
  limits.issuerHandle ?? null,
];

const canonical = (spec: KeySpec): string => JSON.stringify([...asked(spec), spec.limits.revocationBaseUrl ?? null]);

/** True when who asks for one can be given the other: of the base URL the first one counts. */
export const sameSpec = (a: KeySpec, b: KeySpec): boolean => JSON.stringify(asked(a)) === JSON.stringify(asked(b));

const damaged = (path: string, cause?: unknown): Failure =>
  new Failure("corrupt", `key file ${path} is not what was written; restore it from a backup`, { cause });

/** @throws Failure `corrupt` for a file that is not one of ours */
function readKeyFile(path: string): KeyFile {
  const bytes = readFileSync(path);
  try {
    return parseKeyFile(bytes, path);
  } finally {
    bytes.fill(0);
  }
}

function parseKeyFile(bytes: Uint8Array, path: string): KeyFile {
  let file: Partial<KeyFile> | null;
  try {
    file = JSON.parse(utf8Text(bytes)) as Partial<KeyFile> | null;
  } catch (cause) {
    throw damaged(path, cause);
  }
  const { format, kek, spec, dataKey, privateKey } = file ?? {};
  const whole = [kek, dataKey, privateKey].every((text) => typeof text === "string");
  if (format !== "trstctl-key/1" || !whole || typeof spec?.limits !== "object" || spec.limits === null)
    throw damaged(path);
  return file as KeyFile;
}

/** Of every tenant. @param directory may be missing */
export const keyFiles = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory).flatMap((tenant) =>
        readdirSync(join(directory, tenant))
          .filter((name) => name.endsWith(".json"))
          .map((name) => join(directory, tenant, name)),
      )
    : [];

const spkiOf = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: "der", type: "spki" }));

const kekIdOf = (kek: SecretBytes): string => sha256Hex(`trstctl-kek-id\n${sha256Hex(kek.reveal())}`).slice(0, 16);

/** @param spec what the key must have been made for @throws Failure `corrupt` when it was not, or was changed since */
function unseal(file: KeyFile, spec: KeySpec, path: string, kek: SecretBytes): KeyObject {
  if (canonical(file.spec) !== canonical(spec)) throw damaged(path);
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

/**
 * What a key file says, for a backup. With the KEK the key is opened, which proves that both belong together.
 * @throws Failure `corrupt`, or `misconfigured` when it was sealed under another KEK
 */
export function inspectKeyFile(
  bytes: Uint8Array,
  path: string,
  kek: SecretBytes | undefined,
): { readonly spec: KeySpec; readonly kek: string; readonly spki: Uint8Array | undefined } {
  const file = parseKeyFile(bytes, path);
  if (kek === undefined) return { spec: file.spec, kek: file.kek, spki: undefined };
  if (file.kek !== kekIdOf(kek)) throw otherKek(path, file, kekIdOf(kek));
  return { spec: file.spec, kek: file.kek, spki: spkiOf(createPublicKey(unseal(file, file.spec, path, kek))) };
}

/** One key tells for all: a start with the wrong KEK is refused, rather than every signature later. */
function assertSealedUnder(kekId: string, directory: string): void {
  const [path] = keyFiles(directory);
  if (path === undefined) return;
  const file = readKeyFile(path);
  if (file.kek !== kekId) throw otherKek(path, file, kekId);
}

const otherKek = (path: string, file: KeyFile, kekId: string): Failure =>
  new Failure(
    "misconfigured",
    `key file ${path} was sealed under another key encryption key (${file.kek}, this one is ${kekId}); set TRSTCTL_KEK_FILE to that one, or restore it from where it was kept`,
  );

export function openKeyStore(directory: string, kek: SecretBytes): KeyStore {
  makeDirectoryDurably(directory);
  const kekId = kekIdOf(kek);
  const cached = new Map<string, KeyObject>();
  const lanes = createLanes();
  const transport = createKeyTransport(deriveKey(kek.reveal(), "trstctl/key-transport/1"));
  assertSealedUnder(kekId, directory);
  const pathOf = ({ tenant, handle }: KeySpec): string => join(directory, tenant, `${handle}.json`);

  /** @param expected undefined: whatever the file says that it was made for */
  function load(path: string, expected: KeySpec | undefined): { readonly key: KeyObject; readonly spec: KeySpec } {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new Failure("corrupt", `key file ${path} is missing; restore it from a backup`);
    if (!stat.isFile() || (stat.mode & 0o077) !== 0)
      throw new Failure("corrupt", `key file ${path} must be a regular file of mode 0600`);
    const file = readKeyFile(path);
    if (file.kek !== kekId) throw otherKek(path, file, kekId);
    // The journal's spec is the one that counts; a file that says otherwise was changed or is another key's.
    const spec = expected ?? file.spec;
    return { key: unseal(file, spec, path, kek), spec };
  }

  function opened(spec: KeySpec): KeyObject {
    const path = pathOf(spec);
    const key = cached.get(path) ?? load(path, spec).key;
    cached.set(path, key);
    return key;
  }

  return {
    async create(spec) {
      const path = pathOf(spec);
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
        const { key, spec: made } = load(path, undefined);
        if (pathOf(made) !== path || !sameSpec(made, spec))
          throw new Failure(
            "conflict",
            `there is a key ${spec.handle} in the key store that was made for something else`,
          );
        cached.set(path, key);
        return { spec: made, spki: spkiOf(createPublicKey(key)) };
      }
      const { generate, generateLane, pkcs8: exportKey } = keyAlgorithms[spec.algorithm];
      const { publicKey, privateKey } = await (generateLane === undefined
        ? generate()
        : lanes.run(generateLane, spec.tenant, generate));
      const pkcs8 = exportKey(privateKey);
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
      makeDirectoryDurably(join(directory, spec.tenant));
      writeFileDurably(path, utf8(`${JSON.stringify(file)}\n`));
      cached.set(path, privateKey);
      return { spec, spki: spkiOf(publicKey) };
    },

    open(spec) {
      const { signTakes } = keyAlgorithms[spec.algorithm];
      opened(spec);
      if (signTakes !== undefined) lanes.assertRoom(signTakes, spec.tenant);
    },

    async sign(spec, data) {
      const { sign, signTakes } = keyAlgorithms[spec.algorithm];
      const key = opened(spec);
      return signTakes === undefined
        ? sign(key, data)
        : lanes.run(signTakes.lane, spec.tenant, async () => sign(key, data));
    },

    decrypt: (spec, ciphertext, keyBytes) => transport.contentKey(opened(spec), ciphertext, keyBytes),
  };
}
