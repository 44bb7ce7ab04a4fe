/** What a fuzz target is: bytes from outside go in, a value or a declared refusal comes out. */
import type { FailureCode } from "#shared/kernel/failure";

export interface Target {
  /**
   * Hands the bytes to the product and checks what can be checked of the answer: encoders give the bytes back, other
   * parsers agree. Whatever it throws that is not a `Failure` with a code of `refusals` is a finding.
   */
  readonly run: (input: Uint8Array) => unknown;
  /** The codes by which the parser may refuse. */
  readonly refusals: readonly FailureCode[];
  /** Valid inputs to start from; the kept corpus comes on top. */
  readonly seeds: () => readonly Uint8Array[];
  /** How inputs are changed; default `bytes`. */
  readonly format?: "bytes" | "der" | "json";
  /** Words that the format knows. */
  readonly dictionary?: readonly (string | Uint8Array)[];
  /** Longer inputs are cut, in bytes; default 4,096. */
  readonly maxBytes?: number;
}

/** A target before its parser is loaded: the files are instrumented first. */
export interface TargetEntry {
  readonly name: string;
  /** Whose branches guide the fuzzer and are reported: paths below the root. */
  readonly covers: readonly string[];
  /** Exported functions of `covers` whose bytes come from outside; what they call is fuzzed with them. */
  readonly parsers: readonly string[];
  readonly load: () => Promise<Target>;
}

/** An oracle that does not hold. */
export class Finding extends Error {
  override readonly name = "Finding";
}

/** @throws Finding */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Finding(what);
}

/** @throws Finding when the bytes differ */
export function same(got: Uint8Array, expected: Uint8Array, what: string): void {
  if (!Buffer.from(got).equals(expected))
    throw new Finding(
      `${what}: ${Buffer.from(got).toString("hex").slice(0, 200)} is not ${Buffer.from(expected).toString("hex").slice(0, 200)}`,
    );
}
