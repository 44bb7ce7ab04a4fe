/** Objects that keep every rule but one, each signed by a key of the test's own. */
import { nameDer } from "#shared/pki/name";
import { testKey } from "#test/vectors/x509";
import type { Emitted } from "../emitted.ts";

export interface Mutant extends Emitted {
  /** What of ours finds it: a rule's id, or `encoding`. */
  readonly ours: string;
  /** Which other linters find it too. */
  readonly by: readonly string[];
}

/** One kind: the sound object, and those that differ from it in one place. */
export interface Mutants {
  readonly sound: Emitted;
  readonly broken: readonly Mutant[];
}

export type Row = readonly [name: string, der: Uint8Array, ours: string, by: readonly string[]];
export const both = ["zlint", "pkilint"];
export const neither: readonly string[] = [];

export const ca = testKey();
export const subject = testKey();
export const begin = Date.UTC(2026, 9, 1);
export const days = 86_400_000;
export const issuerName = nameDer([
  [{ type: "C", value: "DE" }],
  [{ type: "O", value: "Example" }],
  [{ type: "CN", value: "CA 1" }],
]);

export type Extensions = Readonly<Record<string, Uint8Array | undefined>>;

export const mutantsOf = (sound: Emitted, rows: readonly Row[]): Mutants => ({
  sound,
  broken: rows.map(([name, der, ours, by]) => ({ ...sound, name, der, ours, by })),
});
