/**
 * Which key of a pool is to become whose, until the journal says so. A pool's key is known by its public key: whatever ids
 * and aliases it has, it is one key.
 */
import { base64 } from "#shared/kernel/bytes";
import type { KeySpec } from "#shared/ports/signer";
import type { StoredKey } from "./key-store.ts";

export interface KeyClaims {
  /** What the handle claimed, for a making that ended before its record. @throws Failure `corrupt`, `unavailable` */
  of(spec: KeySpec): Promise<StoredKey | undefined>;
  /**
   * Both the public key and the handle are free, or nothing happens; durable when it returns.
   * @returns false when somebody has the key, or the handle has one
   */
  claim(key: StoredKey): Promise<boolean>;
}

/** Of the one process that writes the journal: whatever it claims and does not journal is free again with its next start. */
export function claimsInMemory(): KeyClaims {
  const byHandle = new Map<string, StoredKey>();
  const keys = new Set<string>();
  const nameOf = ({ tenant, handle }: KeySpec): string => `${tenant}/${handle}`;
  return {
    async of(spec) {
      return byHandle.get(nameOf(spec));
    },
    async claim(key) {
      const name = nameOf(key.spec);
      const bits = base64(key.spki);
      if (byHandle.has(name) || keys.has(bits)) return false;
      byHandle.set(name, key);
      keys.add(bits);
      return true;
    },
  };
}
