/**
 * What the signer remembers, kept beside the journal so that a start need not read all of it again: the journal's records
 * up to a mark, already learnt. Nobody else can write it: it carries a MAC under a key that comes from the KEK. It holds
 * nothing that the journal does not.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { constantTimeEqual } from "#shared/crypto/equal";
import type { FingerprintDump } from "#shared/crypto/fingerprints";
import { deriveKey, hmacSha256 } from "#shared/crypto/hmac";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { writeFileDurably } from "./durable-file.ts";
import type { KeyState } from "./guard/key-state.ts";
import type { JournalMark } from "./journal.ts";

export interface Remembered {
  readonly journal: JournalMark;
  readonly operations: FingerprintDump;
  readonly keys: readonly KeptKey[];
  /** Tenant and handle of the key that each CA name is bound to; see `caNameKey`. */
  readonly caNames: readonly (readonly [name: string, tenant: string, handle: string])[];
}

/** A key's state with what is no plain value made one. */
export type KeptKey = Omit<KeyState, "issued"> & { readonly issued: FingerprintDump };

export interface Memory {
  /** By an earlier process; undefined when there is none, or one of another version. */
  readonly remembered: Remembered | undefined;
  save(remembered: Remembered): void;
  forget(): void;
}

/** Raised with every change of what is learnt from a record: older memories are then read from the journal again. */
const version = 2;
const macBytes = 32;

interface Kept extends Remembered {
  /** Of the serialization. */
  readonly v8: string;
}

/** What is learnt, with its MAC. */
export function packMemory(key: Uint8Array, value: object): Uint8Array {
  const kept = serialize({ ...value, version });
  return Buffer.concat([hmacSha256(key, kept), kept]);
}

/** @returns "foreign" for bytes that this key did not make, undefined for those of another version */
export function unpackMemory(key: Uint8Array, bytes: Uint8Array): object | "foreign" | undefined {
  const kept = bytes.subarray(macBytes);
  if (!constantTimeEqual(hmacSha256(key, kept), bytes.subarray(0, macBytes))) return "foreign";
  const { version: made, ...value } = deserialized(kept);
  return made === version ? (own(value) as object) : undefined;
}

/** Ours by its MAC: what V8 then cannot read was written by a newer one, before a deployment was taken back. */
function deserialized(kept: Uint8Array): { readonly version: number | undefined } {
  try {
    return deserialize(kept) as { readonly version: number };
  } catch {
    return { version: undefined };
  }
}

/** @throws Failure `corrupt` for a file that is not ours */
export function openMemory(path: string, kek: SecretBytes): Memory {
  const key = deriveKey(kek.reveal(), "trstctl/signer-memory/1");
  return {
    remembered: load(path, key),
    save: (remembered) =>
      writeFileDurably(path, packMemory(key, { ...remembered, v8: process.versions.v8 } satisfies Kept)),
    forget: () => rmSync(path, { force: true }),
  };
}

function load(path: string, key: Uint8Array): Remembered | undefined {
  const bytes = read(path);
  if (bytes === undefined) return undefined;
  const kept = unpackMemory(key, bytes);
  if (kept === "foreign")
    throw new Failure(
      "corrupt",
      `${path} was changed, or made with another key encryption key; find out who did that, then remove it: the journal has all that it says`,
    );
  if (kept === undefined) return undefined;
  const { v8, ...remembered } = kept as Kept;
  return v8 === process.versions.v8 ? remembered : undefined;
}

/** Arrays of bytes come out of `deserialize` as views, each of which would hold the whole file in memory. */
function own(value: unknown): unknown {
  if (value instanceof Uint8Array || value instanceof Float64Array) return value.slice();
  if (Array.isArray(value)) return value.map(own);
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, own(entry)]));
  if (typeof value !== "object" || value === null || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, own(entry)]));
}

function read(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(fstatSync(file).size);
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(file, bytes, at, bytes.length - at, at);
      if (count === 0) break;
      at += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
