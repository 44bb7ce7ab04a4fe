/** Condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued keys"). */
import { type Context, matches, plain, resolve } from "./patterns.ts";
import type { Condition } from "./policy.ts";

/** Does the request's value fit one value of the policy? Negated operators ask whether it fits none. */
type Fits = (wanted: string, got: string, context: Context, variables: boolean) => boolean;

const equals: Fits = (wanted, got, context, variables) => plain(resolve(wanted, context, variables)) === got;
const equalsIgnoringCase: Fits = (wanted, got, context, variables) =>
  plain(resolve(wanted, context, variables)).toLowerCase() === got.toLowerCase();
const like: Fits = (wanted, got, context, variables) => matches(resolve(wanted, context, variables), got);
/** Of an ARN each of the six parts is compared for itself, so that a wildcard does not reach across a colon. */
const arnLike: Fits = (wanted, got, context, variables) => {
  const [patterns, parts] = [arnParts(plain(resolve(wanted, context, variables))), arnParts(got)];
  return patterns.length === 6 && parts.length === 6 && patterns.every((one, n) => matches([one], parts[n] ?? ""));
};
const arnParts = (arn: string): readonly string[] => {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")].filter((_, n) => n < parts.length);
};
const bool: Fits = (wanted, got) => wanted.toLowerCase() === got.toLowerCase();

const number =
  (compare: (got: number, wanted: number) => boolean): Fits =>
  (wanted, got) =>
    compare(Number(got), Number(wanted));

const operators: Readonly<Record<string, { readonly fits: Fits; readonly negated: boolean }>> = {
  StringEquals: { fits: equals, negated: false },
  StringNotEquals: { fits: equals, negated: true },
  StringEqualsIgnoreCase: { fits: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { fits: equalsIgnoringCase, negated: true },
  StringLike: { fits: like, negated: false },
  StringNotLike: { fits: like, negated: true },
  ArnEquals: { fits: arnLike, negated: false }, // "ArnEquals and ArnLike behave identically"
  ArnNotEquals: { fits: arnLike, negated: true },
  ArnLike: { fits: arnLike, negated: false },
  ArnNotLike: { fits: arnLike, negated: true },
  NumericEquals: { fits: number((got, wanted) => got === wanted), negated: false },
  NumericLessThan: { fits: number((got, wanted) => got < wanted), negated: false },
  NumericGreaterThan: { fits: number((got, wanted) => got > wanted), negated: false },
  Bool: { fits: bool, negated: false },
};

/**
 * @throws Unresolved when a variable has no value.
 * @throws Error for an operator that is not known here.
 */
export function holds(condition: Condition, context: Context, variables: boolean): boolean {
  const value = context.get(condition.key.toLowerCase());
  const values = value === undefined ? [] : typeof value === "string" ? [value] : value;
  if (condition.operator === "Null") return condition.values.every((one) => (values.length === 0) === (one === "true"));

  const [, set, name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(condition.operator) ?? [];
  const operator = operators[name];
  if (operator === undefined) throw new Error(`policy: operator ${condition.operator} is not known here`);
  const one = (got: string): boolean =>
    condition.values.some((wanted) => operator.fits(wanted, got, context, variables)) !== operator.negated;

  if (values.length === 0 && ifExists !== undefined) return true;
  if (set === "ForAllValues") return values.every(one); // also of none: the trap
  if (set === "ForAnyValue") return values.some(one);
  // Without a key a negated operator holds, any other does not. Without a set operator, a key with several values is for
  // "any" of them: what suits an attacker, for the documentation calls it an error of the policy.
  return values.length === 0 ? operator.negated : values.some(one);
}
