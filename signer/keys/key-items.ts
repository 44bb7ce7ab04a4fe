/** Sealed keys as items of the signer's table: `T#<tenant>#S`, sort key the handle. */
import type { SharedItems } from "#shared/ports/items";
import type { KeySpec } from "#shared/ports/signer";
import type { SealedStorage } from "./sealed.ts";

export function itemStorage(items: SharedItems): SealedStorage {
  const keyOf = ({ tenant, handle }: KeySpec) => ({ pk: `T#${tenant}#S`, sk: handle });
  return {
    where: (spec) => `sealed key ${keyOf(spec).pk} ${spec.handle} of the signer's table`,
    async read(spec) {
      return (await items.get(keyOf(spec)))?.body.slice();
    },
    // Also when it was an earlier try of this call that wrote it: the store then reads what is there.
    write: (spec, body) => items.put({ ...keyOf(spec), rev: 1, body }, "absent"),
  };
}
