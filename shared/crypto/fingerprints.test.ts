import fc from "fast-check";
import { expect, it } from "vitest";
import { fingerprint, FingerprintMap, FingerprintSet, FingerprintTable } from "./fingerprints.ts";

const ascending = (a: number, b: number): number => a - b;

it("has what was added, whatever else was, and nothing else", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 500 }), fc.nat(500), (texts, cut) => {
      const set = new FingerprintSet();
      for (const text of texts.slice(0, cut)) set.add(text);
      texts.forEach((text, n) => expect(set.has(text)).toBe(n < cut));
    }),
  );
});

it("keeps the first number of each text", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), fc.nat(200), (texts, cut) => {
      const map = new FingerprintMap();
      for (const times of [0, 1]) texts.slice(0, cut).forEach((text, n) => map.set(text, n - times));
      texts.forEach((text, n) => expect(map.get(text)).toBe(n < cut ? n : undefined));
      texts.forEach((text, n) => expect(map.has(text)).toBe(n < cut));
    }),
  );
});

it("keeps every value of a fingerprint, also of those that share their slot", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat()), { maxLength: 400 }), (pairs) => {
      const table = new FingerprintTable();
      // Multiples of a power of two begin in one slot, whatever the size of the table.
      for (const [key, value] of pairs) table.add(key * 2 ** 32, value);
      expect(table.size).toBe(pairs.length);
      for (let key = 0; key <= 21; key++) {
        const expected = pairs.filter(([added]) => added === key).map(([, value]) => value);
        const found = [...table.valuesOf(key * 2 ** 32 || 21 * 2 ** 32)];
        expect(found.sort(ascending)).toEqual(expected.sort(ascending));
      }
    }),
  );
});

it("makes whole numbers that a double holds, and never the mark of a free slot", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const made = fingerprint(text);
      expect(Number.isSafeInteger(made) && made > 0).toBe(true);
    }),
  );
});

it("forgets what is taken out, and nothing that stood behind it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat()), { maxLength: 200 }),
      fc.nat(21),
      (pairs, gone) => {
        const table = new FingerprintTable();
        for (const [key, value] of pairs) table.add(key * 2 ** 32 + (key % 3), value);
        table.delete(gone * 2 ** 32 + (gone % 3));
        const kept = pairs.filter(([key]) => key !== gone);
        expect(table.size).toBe(kept.length);
        for (let key = 1; key <= 20; key++) {
          const expected = kept.filter(([added]) => added === key).map(([, value]) => value);
          expect([...table.valuesOf(key * 2 ** 32 + (key % 3))].sort(ascending)).toEqual(expected.sort(ascending));
        }
      },
    ),
  );
});
