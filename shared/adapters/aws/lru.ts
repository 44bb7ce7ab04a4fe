/** The entries used last, up to a number of them. */
export interface Lru<V> {
  /** What is kept under this key, made by `make` when nothing is; now the entry used last. */
  ensure(key: string, make: () => V): V;
  peek(key: string): V | undefined;
  drop(key: string): void;
  clear(): void;
}

/** @param evicted is told of each entry that leaves, by number, `drop` or `clear` */
export function createLru<V>(max: number, evicted: (value: V) => void = () => undefined): Lru<V> {
  // A Map remembers the order of insertion: what is used is put in again, so the first is the one used longest ago.
  const entries = new Map<string, V>();

  function drop(key: string): void {
    const value = entries.get(key);
    if (entries.delete(key)) evicted(value as V);
  }

  return {
    ensure(key, make) {
      const value = entries.has(key) ? (entries.get(key) as V) : make();
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > max && oldest !== undefined) drop(oldest);
      return value;
    },
    peek: (key) => entries.get(key),
    drop,
    clear: () => [...entries.keys()].forEach(drop),
  };
}
