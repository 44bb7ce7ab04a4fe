/** The registry's path prefixes as a distribution's patterns: `/acme/` is `/acme/*`, `/scep` itself and what is below it. */
export const pathPatterns = (prefixes: readonly string[]): readonly string[] =>
  prefixes.flatMap((prefix) => (prefix.endsWith("/") ? [`${prefix}*`] : [prefix, `${prefix}/*`]));
