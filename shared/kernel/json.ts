/** Where JSON text breaks off. The parser's own message quotes what stands there, which may be a secret. */
export function jsonProblem(error: unknown): string {
  const [, place] = /at position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
  return place === undefined ? "it is no JSON" : `it breaks off at character ${place}`;
}
