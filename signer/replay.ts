/** What one record of a journal teaches, whichever journal it stands in: the guard's knowledge comes from there alone. */
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { learnFromRecord, raiseCrlFloor } from "./guard/learn.ts";
import type { Entry } from "./journal-entry.ts";
import type { KeyRegistry } from "./key-registry.ts";
import type { createOperations } from "./operations.ts";

export interface Knowledge {
  readonly registry: KeyRegistry;
  readonly operations: Pick<ReturnType<typeof createOperations>, "ended">;
}

/** @param place where the record is found again @throws Failure `corrupt` */
export function learnEntry(
  entry: Entry,
  { n, place }: { readonly n: number; readonly place: number },
  { registry, operations }: Knowledge,
): void {
  if (entry.op === "generate" && entry.spec !== undefined && entry.spki !== undefined)
    registry.add(entry.spec, fromBase64(entry.spki));
  if (entry.op === "restore") for (const key of registry.ofTenant(entry.tenant)) raiseCrlFloor(key, entry.time);
  const { type } = entry;
  if (entry.op !== "sign" || type === "key" || type === "decrypt" || entry.tbs === undefined) return;
  operations.ended(entry, place);
  const key = registry.byHandle(entry.tenant, entry.handle);
  if (key === undefined) throw new Failure("corrupt", `journal: record ${n} names a key that was never made`);
  learnFromRecord(type, { key, keys: registry, tbs: fromBase64(entry.tbs) });
}
