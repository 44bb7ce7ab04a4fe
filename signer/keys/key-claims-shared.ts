/**
 * Claims where several processes take keys from one pool: an item for each public key and one for each handle, each put
 * where there is none and never taken away: whoever freed a key could free what became another's meanwhile. The key's comes
 * first. Processes that try the keys in one order claim none in vain.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { base64, fromBase64, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { KeySpec } from "#shared/ports/signer";
import type { KeyClaims } from "./key-claims.ts";
import type { StoredKey } from "./key-store.ts";

interface Place {
  readonly pk: string;
  readonly sk: string;
}

/** As much of the signer's shared items as it takes: each read is the newest, each write stands under its condition. */
export interface ClaimItems {
  get(place: Place): Promise<{ readonly body: Uint8Array } | undefined>;
  put(item: Place & { readonly rev: number; readonly body: Uint8Array }, condition: "absent"): Promise<boolean>;
}

export function claimsInItems(items: ClaimItems): KeyClaims {
  const placeOfKey = (spki: Uint8Array): Place => ({ pk: `C#K#${sha256Hex(spki)}`, sk: "-" });
  const placeOfHandle = ({ tenant, handle }: KeySpec): Place => ({ pk: `C#H#${tenant}`, sk: handle });
  const isSame = (a: StoredKey, b: StoredKey): boolean => textOf(a) === textOf(b);

  async function at(place: Place): Promise<StoredKey | undefined> {
    const item = await items.get(place);
    return item && readClaim(item.body, place);
  }

  /** Put, or there already by an earlier try. */
  async function has(place: Place, key: StoredKey): Promise<boolean> {
    if (await items.put({ ...place, rev: 1, body: utf8(textOf(key)) }, "absent")) return true;
    const found = await at(place);
    return found !== undefined && isSame(found, key);
  }

  return {
    of: (spec) => at(placeOfHandle(spec)),

    async claim(key) {
      const before = await at(placeOfHandle(key.spec));
      if (before !== undefined) return isSame(before, key);
      return (await has(placeOfKey(key.spki), key)) && (await has(placeOfHandle(key.spec), key));
    },
  };
}

const textOf = ({ spec, spki }: StoredKey): string => JSON.stringify({ spec, spki: base64(spki) });

/** @throws Failure `corrupt` */
function readClaim(body: Uint8Array, { pk, sk }: Place): StoredKey {
  try {
    const { spec, spki } = JSON.parse(utf8Text(body)) as { readonly spec: KeySpec; readonly spki: string };
    if (typeof spec.tenant === "string" && typeof spec.handle === "string") return { spec, spki: fromBase64(spki) };
  } catch {
    // said below
  }
  throw new Failure("corrupt", `the claim ${pk}/${sk} is not what was written; restore the signer's table`);
}
