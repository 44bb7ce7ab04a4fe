/**
 * The path language of `--query`: names joined by dots, `[n]` for one member of a list, `[*]` for each of them:
 * `items[*].id`, `history[0].to`. Nothing else is understood, and that is said before anything is sent.
 */
import { Failure } from "#shared/kernel/failure";
import { cell, isRow } from "./output.ts";

export type Step = { readonly name: string } | { readonly index: number } | { readonly each: true };

export interface Query {
  /** As it was given. */
  readonly text: string;
  readonly steps: readonly Step[];
}

const token = /(?:^|(?<=[^])\.)(?<name>[A-Za-z0-9_-]+)|\[(?:(?<index>\d{1,9})|\*)\]/y;

/** @throws SyntaxError saying where and what was expected */
export function parseQuery(text: string): Query {
  const steps: Step[] = [];
  token.lastIndex = 0;
  for (let at = 0; at < text.length || steps.length === 0; at = token.lastIndex) {
    const { groups } = token.exec(text) ?? {};
    if (groups === undefined)
      throw new SyntaxError(
        `At character ${at + 1}, ${at < text.length ? JSON.stringify(text.slice(at, at + 20)) : "the end"}: expected ${at === 0 ? "a name" : "`.` and a name"}, [number] or [*], as in items[*].id`,
      );
    const { name, index } = groups;
    steps.push(name !== undefined ? { name } : index !== undefined ? { index: Number(index) } : { each: true });
  }
  return { text, steps };
}

const written = (step: Step): string =>
  "name" in step ? `.${step.name}` : "index" in step ? `[${step.index}]` : "[*]";

/** For messages: the path before a step. */
export const before = (steps: readonly Step[], at: number): string =>
  steps.slice(0, at).map(written).join("").replace(/^\./, "") || "the answer";

export const listed = (names: readonly string[]): string =>
  names.length === 0 ? "it has none" : `it has ${names.slice(0, 40).map(cell).join(", ")}`;

/** What keeps a step from finding anything in a value; undefined: nothing does. */
function missing(step: Step, value: unknown): string | undefined {
  if ("name" in step) {
    if (!isRow(value)) return `is ${Array.isArray(value) ? "a list: [*] or [0] comes before a name" : "no object"}`;
    return Object.hasOwn(value, step.name) ? undefined : `has no member ${step.name}; ${listed(Object.keys(value))}`;
  }
  if (!Array.isArray(value)) return "is no list";
  return "each" in step || step.index < value.length ? undefined : `has ${value.length} members, counted from 0`;
}

const next = (step: Step, value: unknown): unknown =>
  "name" in step
    ? (value as Readonly<Record<string, unknown>>)[step.name]
    : (value as readonly unknown[])["index" in step ? step.index : 0];

/**
 * One value, or after `[*]` a list of them. What is null stays null; a member that only some have is null for the others.
 * @throws Failure `not_found` when the answer has nothing there
 */
export function select({ text, steps }: Query, answer: unknown): unknown {
  let values: readonly unknown[] = [answer];
  for (const [at, step] of steps.entries()) {
    const problems = values.map((value) => (value === null ? undefined : missing(step, value)));
    const hit = values.some((value, nth) => value !== null && problems[nth] === undefined);
    const problem = problems.find((one) => one !== undefined);
    if (!hit && problem !== undefined)
      throw new Failure("not_found", `--query ${text}: ${before(steps, at)} ${problem}`);
    values =
      "each" in step
        ? values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
        : values.map((value, nth) => (value === null || problems[nth] !== undefined ? null : next(step, value)));
  }
  return steps.some((step) => "each" in step) ? values : values[0];
}
