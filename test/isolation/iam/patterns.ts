/** Wildcards and policy variables (IAM User Guide, "Policy variables and tags", "Wildcards in string values"). */

/** What is known of a request, by key in lower case; a list where the key is multivalued. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** @param entries keys in any case: IAM compares them without it */
export const contextOf = (entries: Readonly<Record<string, string | readonly string[] | undefined>>): Context =>
  new Map(
    Object.entries(entries).flatMap(([key, value]) =>
      value === undefined ? [] : [[key.toLowerCase(), value] as const],
    ),
  );

/** A variable of the statement has no value in this request: the statement then has no effect. */
export class Unresolved extends Error {}

/**
 * A pattern with its variables replaced; `${*}`, `${?}` and `${$}` are those characters themselves.
 *
 * A wildcard in a variable's value stays a wildcard: where the documentation does not say, the evaluator takes what suits
 * an attacker.
 */
export function resolve(pattern: string, context: Context, variables: boolean): Pattern {
  const parts: (string | { readonly literal: string })[] = [];
  let rest = 0;
  for (const match of variables ? pattern.matchAll(/\$\{([^}]*)\}/g) : []) {
    parts.push(pattern.slice(rest, match.index));
    rest = match.index + match[0].length;
    parts.push(valueOf(match[1] ?? "", context));
  }
  return [...parts, pattern.slice(rest)];
}

type Pattern = readonly (string | { readonly literal: string })[];

function valueOf(inside: string, context: Context): string | { readonly literal: string } {
  if (inside === "*" || inside === "?" || inside === "$") return { literal: inside };
  const [, key = "", , fallback] = /^\s*([^,\s]+)\s*(,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
  const value = context.get(key.toLowerCase());
  // A multivalued key cannot stand in a variable.
  if (typeof value === "string") return value;
  if (fallback !== undefined) return fallback;
  throw new Unresolved(`\${${inside}}`);
}

/** `*` any characters, also none; `?` exactly one. */
export function matches(pattern: Pattern, text: string, ignoreCase = false): boolean {
  const source = pattern
    .map((part) =>
      typeof part === "string"
        ? escaped(part).replaceAll("\\*", "[^]*").replaceAll("\\?", "[^]")
        : escaped(part.literal),
    )
    .join("");
  return new RegExp(`^${source}$`, ignoreCase ? "iu" : "u").test(text);
}

/** The pattern as text, for operators without wildcards. */
export const plain = (pattern: Pattern): string =>
  pattern.map((part) => (typeof part === "string" ? part : part.literal)).join("");

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
