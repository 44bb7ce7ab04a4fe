/**
 * A sealed key as it is stored: PKCS#8 under a data key of its own (AES-256-GCM), the data key under what wraps it. What the
 * key may do is the associated data of both: whoever changes it cannot open the key.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { randomBytes } from "#shared/crypto/random";
import { open, seal } from "#shared/crypto/seal";
import { base64, fromBase64, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { KeySpec } from "#shared/ports/signer";
import { canonicalSpec } from "./key-store.ts";

export interface SealedKey {
  readonly format: "trstctl-key/1";
  /** Which key wraps the data key: a wrong one is named as such. */
  readonly kek: string;
  readonly spec: KeySpec;
  readonly dataKey: string;
  readonly privateKey: string;
}

/** What a data key is for: it opens for nothing else. */
export interface Binding {
  readonly tenant: string;
  readonly purpose: string;
  /** Both of these and more. */
  readonly text: Uint8Array;
}

/** What data keys are wrapped with: a key of ours in a file, or one that never leaves KMS. */
export interface Wrapping {
  /** As it stands in each key that is sealed under it. */
  readonly id: string;
  wrap(dataKey: Uint8Array, binding: Binding): Promise<Uint8Array>;
  /** @returns the caller's to wipe @throws Failure `corrupt`, `unavailable` */
  unwrap(wrapped: Uint8Array, binding: Binding): Promise<Uint8Array>;
  /** @param where the key that names another one */
  other(where: string, named: string): Failure;
}

/** The text that both seals are bound to. */
const boundTo = (spec: KeySpec, part: "data-key" | "private-key"): Uint8Array =>
  utf8(`trstctl-key/1\n${part}\n${canonicalSpec(spec)}`);

export const bindingOf = (spec: KeySpec): Binding => ({
  tenant: spec.tenant,
  purpose: spec.purpose,
  text: boundTo(spec, "data-key"),
});

/** @param where as the operator knows the place */
const damagedKey = (where: string, cause?: unknown): Failure =>
  new Failure("corrupt", `${where} is not what was written; restore it from a backup`, { cause });

/** @throws Failure `corrupt` for what is not one of ours */
export function readSealedKey(bytes: Uint8Array, where: string): SealedKey {
  let stored: Partial<SealedKey> | null;
  try {
    stored = JSON.parse(utf8Text(bytes)) as Partial<SealedKey> | null;
  } catch (cause) {
    throw damagedKey(where, cause);
  }
  const { format, kek, spec, dataKey, privateKey } = stored ?? {};
  const whole = [kek, dataKey, privateKey].every((text) => typeof text === "string");
  if (format !== "trstctl-key/1" || !whole || typeof spec?.limits !== "object" || spec.limits === null)
    throw damagedKey(where);
  return stored as SealedKey;
}

/** @param pkcs8 is wiped */
export async function sealKey(pkcs8: Uint8Array, spec: KeySpec, wrapping: Wrapping): Promise<SealedKey> {
  const dataKey = randomBytes(32);
  try {
    return {
      format: "trstctl-key/1",
      kek: wrapping.id,
      spec,
      dataKey: base64(await wrapping.wrap(dataKey, bindingOf(spec))),
      privateKey: base64(seal(dataKey, pkcs8, boundTo(spec, "private-key"))),
    };
  } finally {
    pkcs8.fill(0);
    dataKey.fill(0);
  }
}

/**
 * @param spec what the key must have been made for
 * @throws Failure `corrupt` when it was not, or was changed since; `misconfigured` under another wrapping
 */
export function assertSealedFor(
  sealed: SealedKey,
  spec: KeySpec,
  where: string,
  wrapping: Pick<Wrapping, "id" | "other">,
): void {
  if (sealed.kek !== wrapping.id) throw wrapping.other(where, sealed.kek);
  if (canonicalSpec(sealed.spec) !== canonicalSpec(spec)) throw damagedKey(where);
}

/** @param dataKey unwrapped; is wiped @throws Failure `corrupt` */
export function unsealKey(sealed: SealedKey, dataKey: Uint8Array): KeyObject {
  let pkcs8: Uint8Array;
  try {
    pkcs8 = open(dataKey, fromBase64(sealed.privateKey), boundTo(sealed.spec, "private-key"));
  } finally {
    dataKey.fill(0);
  }
  try {
    return createPrivateKey({
      key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.byteLength),
      format: "der",
      type: "pkcs8",
    });
  } finally {
    pkcs8.fill(0);
  }
}

export const spkiOf = (key: KeyObject): Uint8Array =>
  new Uint8Array((key.type === "private" ? createPublicKey(key) : key).export({ format: "der", type: "spki" }));
