/**
 * Membership among millions of texts in 8 bytes each instead of a string: the first 52 bits of their SHA-256, in open
 * addressing. Another text has the fingerprint of one of ours once in 2^52 tries: whoever uses this must be able to bear
 * that, or ask where the text itself stands.
 */
import { sha256Hex } from "./hash.ts";

const fewest = 64;
/** Fuller than this the chains of neighbours grow long. */
const maxLoad = 0.6;

/** Never 0, which marks a free slot. */
export const fingerprint = (text: string): number => Number.parseInt(sha256Hex(text).slice(0, 13), 16) || 1;

export interface FingerprintDump {
  readonly withValues: boolean;
  readonly size: number;
  readonly keys: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/** Fingerprints, each with a number where `withValues`; one fingerprint may stand in it more than once. */
export class FingerprintTable {
  readonly #withValues: boolean;
  #keys = new Float64Array(fewest);
  #values: Float64Array;
  #size = 0;

  constructor(withValues = true) {
    this.#withValues = withValues;
    this.#values = new Float64Array(withValues ? fewest : 0);
  }

  get size(): number {
    return this.#size;
  }

  /** Itself in plain arrays, to be kept somewhere; those that it goes on with are others. */
  dump(): FingerprintDump {
    return { withValues: this.#withValues, size: this.#size, keys: this.#keys.slice(), values: this.#values.slice() };
  }

  static of({ withValues, size, keys, values }: FingerprintDump): FingerprintTable {
    const table = new FingerprintTable(withValues);
    table.#keys = keys;
    table.#values = values;
    table.#size = size;
    return table;
  }

  add(key: number, value = 0): void {
    if (this.#size >= this.#keys.length * maxLoad) this.#grow();
    const at = freeSlot(this.#keys, key);
    this.#keys[at] = key;
    this.#values[at] = value;
    this.#size++;
  }

  *valuesOf(key: number): Generator<number> {
    const mask = this.#keys.length - 1;
    for (let at = slotOf(key, mask); this.#keys[at] !== 0; at = (at + 1) & mask)
      if (this.#keys[at] === key) yield this.#values[at] as number;
  }

  has(key: number): boolean {
    const mask = this.#keys.length - 1;
    let at = slotOf(key, mask);
    while (this.#keys[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & mask;
    return this.#keys[at] === key;
  }

  /** With all its values. */
  delete(key: number): void {
    const mask = this.#keys.length - 1;
    const kept: (readonly [number, number])[] = [];
    // What comes behind it in its run may stand there only because the places before were full.
    let at = slotOf(key, mask);
    for (; this.#keys[at] !== 0; at = (at + 1) & mask) {
      const other = this.#keys[at] as number;
      if (other !== key) kept.push([other, this.#values[at] ?? 0]);
      this.#keys[at] = 0;
      this.#size--;
    }
    for (const [other, value] of kept) this.add(other, value);
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    const values = new Float64Array(this.#withValues ? keys.length : 0);
    for (const [at, key] of this.#keys.entries()) {
      if (key === 0) continue;
      const place = freeSlot(keys, key);
      keys[place] = key;
      values[place] = this.#values[at] ?? 0; // without values: lost, as it should
    }
    this.#keys = keys;
    this.#values = values;
  }
}

/** Keys are hashes: their low bits are as good as any. */
const slotOf = (key: number, mask: number): number => (key % 2 ** 32) & mask;

function freeSlot(keys: Float64Array, key: number): number {
  const mask = keys.length - 1;
  let at = slotOf(key, mask);
  while (keys[at] !== 0) at = (at + 1) & mask;
  return at;
}

/** Texts of which one in 2^52 others is taken for one. */
export class FingerprintSet {
  readonly #table = new FingerprintTable(false);

  add(text: string): void {
    const key = fingerprint(text);
    if (!this.#table.has(key)) this.#table.add(key);
  }

  has(text: string): boolean {
    return this.#table.has(fingerprint(text));
  }
}

/** A number for each text, of which one in 2^52 others is taken for one. */
export class FingerprintMap {
  readonly #table: FingerprintTable;

  constructor(table = new FingerprintTable()) {
    this.#table = table;
  }

  dump(): FingerprintDump {
    return this.#table.dump();
  }

  /** The first value of a text counts. */
  set(text: string, value: number): void {
    const key = fingerprint(text);
    if (!this.#table.has(key)) this.#table.add(key, value);
  }

  delete(text: string): void {
    this.#table.delete(fingerprint(text));
  }

  get(text: string): number | undefined {
    for (const value of this.#table.valuesOf(fingerprint(text))) return value;
    return undefined;
  }

  has(text: string): boolean {
    return this.#table.has(fingerprint(text));
  }
}
