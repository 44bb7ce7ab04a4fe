/** Stacks need each other in one direction, so that each can be deployed, and taken away, after the other. */
import type { Policy } from "./policy.ts";
import type { Templates } from "./templates.ts";

/** Which other stacks a stack names: what it imports is written out as `<stack/…>`. */
function needsOf(templates: Templates): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    [...templates].map(([stack, { Resources }]) => {
      const named = JSON.stringify(Resources).matchAll(/<([\w-]+)\//g);
      return [stack, new Set([...named].map(([, other = ""]) => other).filter((other) => other !== stack))];
    }),
  );
}

export const oneDirection: Policy = {
  name: "no two stacks import from each other, not even through others; the keys import nothing and nothing imports them",
  check(templates, { name }) {
    const needs = needsOf(templates);
    const found: string[] = [];
    const visit = (stack: string, path: readonly string[]): void => {
      if (path.includes(stack)) found.push([...path.slice(path.indexOf(stack)), stack].join(" → "));
      else for (const next of needs.get(stack) ?? []) visit(next, [...path, stack]);
    };
    for (const stack of needs.keys()) visit(stack, []);
    for (const [stack, others] of needs) {
      if (stack === `${name}-keys` && others.size > 0) found.push(`${stack} imports from ${[...others].join(", ")}`);
      if (others.has(`${name}-keys`)) found.push(`${stack} imports from ${name}-keys, which may be in another account`);
    }
    const missing = [...templates].filter(([, { Resources }]) => JSON.stringify(Resources).includes("<no export "));
    return [...new Set(found), ...missing.map(([stack]) => `${stack} imports what no stack exports`)];
  },
};
