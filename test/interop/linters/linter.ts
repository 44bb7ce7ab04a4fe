/** A linter of others, what it says of an object, and the lines that say why we leave it so. */
import type { Emitted, Kind } from "../emitted.ts";

export interface ForeignFinding {
  readonly object: Emitted;
  /** The linter's own name of its rule. */
  readonly code: string;
  readonly text: string;
}

export interface Acknowledged {
  readonly code: string;
  /** What it must say. Default: whatever it says. */
  readonly text?: RegExp;
  /** Default: every object. */
  readonly on?: (object: Emitted) => boolean;
  /** Why it is right as it is, with the clause. */
  readonly reason: string;
}

export type Acknowledgements = Readonly<Record<Kind, readonly Acknowledged[]>>;

export interface Linter {
  readonly name: string;
  /** Warnings and errors; a finding `unreadable` for what it cannot read. @param directory for its files */
  lint(objects: readonly Emitted[], directory: string): Promise<readonly ForeignFinding[]>;
  readonly acknowledged: Acknowledgements;
}

/** @returns findings that no line explains, and lines that explain nothing: both are to be empty */
export function compare(findings: readonly ForeignFinding[], lines: readonly Acknowledged[]) {
  const used = new Set<Acknowledged>();
  const unexplained = findings.filter(({ object, code, text }) => {
    const line = lines.find((one) => one.code === code && (one.text?.test(text) ?? true) && (one.on?.(object) ?? true));
    if (line !== undefined) used.add(line);
    return line === undefined;
  });
  return {
    unexplained: unexplained.map(({ object, code, text }) => `${object.name}: ${code}: ${text}`),
    stale: lines.filter((line) => !used.has(line)).map(({ code, reason }) => `${code}: ${reason}`),
  };
}
