/** A figure: what one file under figures/ measures. Values are measured in the run that prints them, never written down. */
import type { Session } from "./session.ts";

export interface Goal {
  readonly at: "least" | "most";
  readonly value: number;
}

export interface Line {
  readonly figure: string;
  readonly unit: string;
  /** Absent where the line only explains another. */
  readonly goal?: Goal;
  /** One for each repetition; the value is their median. */
  readonly samples: readonly number[];
}

export interface Figure {
  /** What `--only` takes; the first line has the same name. */
  readonly name: string;
  readonly title: string;
  /** @throws when anything that it asked for failed: a rate with failures in it is no figure */
  measure(session: Session): Promise<readonly Line[]>;
}

export const atLeast = (value: number): Goal => ({ at: "least", value });
export const atMost = (value: number): Goal => ({ at: "most", value });

/** @throws TypeError for no samples at all */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new TypeError("median: no samples");
  return (lower + upper) / 2;
}

export const isMet = ({ at, value }: Goal, measured: number): boolean =>
  at === "least" ? measured >= value : measured <= value;
