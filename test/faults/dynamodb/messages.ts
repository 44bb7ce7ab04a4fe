/** What a process and its parent say to each other. */
import type { Op, Place } from "./work.ts";

export interface Start extends Place {
  /** How far its clock is off. */
  readonly skewMs: number;
  /** Whether it follows the table's stream. */
  readonly listens: boolean;
}

export interface Doom {
  /** How many calls to the store or a receiver go well before. */
  readonly after: number;
  readonly cut: "before" | "behind";
}

export type Ask =
  | { readonly id: number; readonly call: "commit"; readonly op: Op }
  | { readonly id: number; readonly call: "follow" | "compare" | "failover"; readonly tenant: string }
  | { readonly doom: Doom | null }
  | { readonly delivered: string; readonly failed?: string };

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export type Answer =
  | { readonly ready: true }
  | { readonly id: number; readonly value?: unknown; readonly error?: Refusal }
  | { readonly deliver: { readonly n: string; readonly tenant: string; readonly id: string } };
