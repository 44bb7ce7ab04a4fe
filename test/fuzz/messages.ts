import type { FileCoverage } from "./coverage.ts";

/** Between the main thread and the worker that runs a target. */

export interface Job {
  /** Module that exports `targets`; its URL. */
  readonly registry: string;
  readonly target: string;
  readonly inputs: number;
  readonly seed: number;
  /** The input in work: count of inputs and length (two u32), then its bytes. A hang or a crash leaves it there. */
  readonly desk: SharedArrayBuffer;
  /** A directory for the files of the target. */
  readonly scratch: string;
  /** Write the smallest corpus that reaches all branches. */
  readonly keep: boolean;
}

export const deskBytes = 8 + (1 << 20);

export interface Found {
  readonly kind: "found";
  readonly input: Uint8Array;
  readonly problem: string;
}

export interface Done {
  readonly kind: "done";
  readonly inputs: number;
  readonly seconds: number;
  readonly covered: number;
  readonly total: number;
  readonly corpus: number;
  /** Of the heap after garbage collection, from a fifth of the inputs to their end; bytes. */
  readonly growth: number;
  readonly slowestMs: number;
  readonly files: readonly FileCoverage[];
}

export type Report = Found | Done;
