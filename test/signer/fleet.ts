/** The signer over a table, as a workshop: the same attacks and tests run against it as against the local one. */
import { setImmediate as turn } from "node:timers/promises";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import type { SignerBucket } from "#shared/ports/bucket";
import type { Clock } from "#shared/ports/clock";
import type { SharedItem, SharedItems } from "#shared/ports/items";
import type { Entry } from "#signer/journal-entry";
import { kekWrapping } from "#signer/keys/kek";
import { itemStorage } from "#signer/keys/key-items";
import { sealedKeyStore } from "#signer/keys/sealed";
import type { SignerService } from "#signer/service";
import { recordOf } from "#signer/table/record-item";
import { createTableSigner } from "#signer/table/service";
import { createSnapshots } from "#signer/table/snapshots";
import { memoryBucket, memoryItems, type MemoryItems } from "./items.ts";

export interface Fleet {
  readonly kek: SecretBytes;
  readonly warnings: string[];
  /** Another process on the same table. */
  start(through?: {
    readonly items?: SharedItems;
    readonly bucket?: SignerBucket;
    readonly clock?: Clock;
  }): SignerService;
}

export interface FleetOptions {
  readonly clock: Clock;
  readonly items?: SharedItems;
  readonly bucket?: SignerBucket;
  /** How many may be at work at once. */
  readonly processes?: number;
}

export function openFleet({
  clock,
  items = memoryItems(),
  bucket = memoryBucket(),
  processes = 1,
}: FleetOptions): Fleet {
  const kek = new SecretBytes(randomBytes(32));
  const macKey = randomBytes(32);
  const warnings: string[] = [];
  let started = 0;
  return {
    kek,
    warnings,
    start(through = {}) {
      const own = through.items ?? items;
      const objects = through.bucket ?? bucket;
      const warn = (line: string): void => void warnings.push(line);
      return createTableSigner({
        items: own,
        bucket: objects,
        keys: sealedKeyStore({
          storage: itemStorage(own),
          wrapping: kekWrapping(new SecretBytes(kek.reveal().slice())),
          rejection: macKey,
        }),
        snapshots: createSnapshots(objects, macKey, warn),
        clock: through.clock ?? clock,
        warn,
        process: `p${++started}`,
        processes,
        pause: () => turn(),
      });
    },
  };
}

/** Hands on what is put, and keeps the records in the order in which they came. */
export function recording(items: MemoryItems): { readonly items: MemoryItems; entries(): Entry[] } {
  const entries: Entry[] = [];
  return {
    entries: () => [...entries],
    items: {
      ...items,
      async put(item, condition) {
        const done = await items.put(item, condition);
        if (done && item.pk.endsWith("#J")) entries.push(recordOf(item).entry);
        return done;
      },
    },
  };
}

/** The table, counting what is asked of it. */
export function counted(items: SharedItems) {
  const asked: string[] = [];
  const written: SharedItem[] = [];
  return {
    asked,
    written,
    items: {
      get: (key) => (asked.push(`get ${key.pk}`), items.get(key)),
      after: (pk, sk, limit) => (asked.push(`after ${pk}`), items.after(pk, sk, limit)),
      put: (item, condition) => (asked.push(`put ${item.pk}`), written.push(item), items.put(item, condition)),
      delete: (key, condition) => (asked.push(`delete ${key.pk}`), items.delete(key, condition)),
    } satisfies SharedItems,
  };
}
