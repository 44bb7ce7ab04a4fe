import { Failure } from "./failure.ts";

/** Where JSON text breaks off. The parser's own message quotes what stands there, which may be a secret. */
export function jsonProblem(error: unknown): string {
  const [, place] = /at position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
  return place === undefined ? "it is no JSON" : `it breaks off at character ${place}`;
}

const maxDepth = 32;

/**
 * Schemas, and whoever writes a value out again, walk it by recursion: a deep one must not get that far.
 * @param depth of the levels above
 * @throws Failure `malformed`
 */
export function assertShallow(value: unknown, what: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth >= maxDepth) throw new Failure("malformed", `${what} is nested more than ${maxDepth} levels deep`);
  for (const entry of Object.values(value)) assertShallow(entry, what, depth + 1);
}
