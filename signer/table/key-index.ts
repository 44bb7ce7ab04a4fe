/**
 * Which tenant's key some public key bits are (`K#<SHA-256 of the bits>`): what the tenants' own journals cannot tell each
 * other. Put once before the key is journalled, so that no two processes, nor two tenants, hold one key for two.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { base64, fromBase64, hex, utf8, utf8Text } from "#shared/kernel/bytes";
import { describeSpki } from "#shared/pki/key";
import type { SharedItems } from "#shared/ports/items";
import type { KeySpec } from "#shared/ports/signer";
import type { KeyLookup, KeyState } from "../guard/key-state.ts";
import type { StoredKey } from "../keys/key-store.ts";

export interface KeyIndex {
  /** @returns false when the bits are another key's */
  claim(key: StoredKey): Promise<boolean>;
  /** Whether they are another key's already. */
  isTaken(key: StoredKey): Promise<boolean>;
  /** @param keyBits content of the BIT STRING */
  find(keyBits: Uint8Array): Promise<StoredKey | undefined>;
}

interface Indexed {
  readonly spec: KeySpec;
  /** SubjectPublicKeyInfo, base64. */
  readonly spki: string;
}

export function createKeyIndex(items: SharedItems): KeyIndex {
  const keyOf = (keyBits: Uint8Array) => ({ pk: `K#${sha256Hex(keyBits)}`, sk: "-" });

  async function find(keyBits: Uint8Array): Promise<StoredKey | undefined> {
    const item = await items.get(keyOf(keyBits));
    if (item === undefined) return undefined;
    const { spec, spki } = JSON.parse(utf8Text(item.body)) as Indexed;
    return { spec, spki: fromBase64(spki) };
  }

  async function isTaken({ spec, spki }: StoredKey): Promise<boolean> {
    const holder = (await find(describeSpki(spki).keyBits))?.spec;
    return holder !== undefined && !(holder.tenant === spec.tenant && holder.handle === spec.handle);
  }

  return {
    find,
    isTaken,
    async claim(key) {
      const { spec, spki } = key;
      const body = utf8(JSON.stringify({ spec, spki: base64(spki) } satisfies Indexed));
      const claimed = await items.put({ ...keyOf(describeSpki(spki).keyBits), rev: 1, body }, "absent");
      return claimed || !(await isTaken(key));
    },
  };
}

/** The tenant's own keys, and those of others that are known to be named. */
export const withStrangers = (registry: KeyLookup, strangers: ReadonlyMap<string, KeyState>): KeyLookup => ({
  caNames: registry.caNames,
  byHandle: (tenant, handle) => registry.byHandle(tenant, handle),
  byKeyBits: (bits) => registry.byKeyBits(bits) ?? strangers.get(hex(bits)),
});
