/** SharedItems and SignerBucket in memory, for tests that drive many histories; the contract suites hold them to the real ones. */
import type { SignerBucket } from "#shared/ports/bucket";
import type { SharedItem, SharedItems } from "#shared/ports/items";
import type { Condition, Key } from "#shared/ports/table";

export interface MemoryItems extends SharedItems {
  /** Everything that is there, by partition and sort key. */
  all(): SharedItem[];
}

const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

export function memoryItems(): MemoryItems {
  const stored = new Map<string, SharedItem>();
  const holds = (key: Key, condition: Condition): boolean => {
    const there = stored.get(nameOf(key));
    return condition === "absent" ? there === undefined : there?.rev === condition.rev;
  };
  const sorted = (pk: string): SharedItem[] =>
    [...stored.values()].filter((item) => item.pk === pk).sort((a, b) => (a.sk < b.sk ? -1 : 1));
  return {
    all: () => [...new Set([...stored.values()].map(({ pk }) => pk))].sort().flatMap(sorted),
    async get(key) {
      return stored.get(nameOf(key));
    },
    async after(pk, sk, limit) {
      if (sk === "") throw new TypeError("DynamoDB takes no empty sort key");
      const found = sorted(pk).filter((item) => item.sk > sk);
      return { items: found.slice(0, limit), more: found.length > limit };
    },
    async put(item, condition) {
      if (!holds(item, condition)) return false;
      stored.set(nameOf(item), { ...item, body: item.body.slice() });
      return true;
    },
    async delete(key, condition) {
      if (!holds(key, condition)) return false;
      stored.delete(nameOf(key));
      return true;
    },
  };
}

export interface MemoryBucket extends SignerBucket {
  readonly objects: Map<string, Uint8Array>;
}

export function memoryBucket(): MemoryBucket {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    get: async (name) => objects.get(name)?.slice(),
    put: async (name, bytes) => void objects.set(name, bytes.slice()),
  };
}
