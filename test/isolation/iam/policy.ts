/**
 * IAM policy documents (IAM User Guide, "IAM JSON policy elements reference"), read strictly: an element or operator that
 * this evaluator does not know is an error, never a statement that does not apply.
 */
export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  /** Absent in identity-based policies. `*` or ARNs; of services nothing is asked here. */
  readonly principals?: readonly string[];
  readonly actions: Selection;
  readonly resources: Selection;
  readonly conditions: readonly Condition[];
}

/** `not`: all but these. */
export interface Selection {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

export interface Condition {
  /** As written, such as `ForAllValues:StringLike`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface Policy {
  /** Variables stand for values from 2012-10-17 on; before, `${` is text. */
  readonly variables: boolean;
  readonly statements: readonly Statement[];
}

const known = new Set("Sid Effect Principal Action NotAction Resource NotResource Condition".split(" "));

/** @throws Error for what is no policy or holds what is not known here. */
export function readPolicy(document: unknown): Policy {
  const { Version, Statement } = document as { Version?: string; Statement?: unknown };
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17")
    throw new Error(`policy: unknown version ${Version}`);
  const statements = listOf(Statement).map((one, n) => readStatement(one as Record<string, unknown>, n));
  if (statements.length === 0) throw new Error("policy: no statement");
  return { variables: Version === "2012-10-17", statements };
}

function readStatement(raw: Readonly<Record<string, unknown>>, n: number): Statement {
  const strange = Object.keys(raw).filter((name) => !known.has(name));
  if (strange.length > 0) throw new Error(`policy: statement ${n} has ${strange.join(", ")}, which is not known here`);
  const effect = raw["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new Error(`policy: statement ${n} has no effect`);
  const principals = raw["Principal"] === undefined ? undefined : principalsOf(raw["Principal"]);
  return {
    sid: typeof raw["Sid"] === "string" ? raw["Sid"] : `#${n}`,
    effect,
    ...(principals && { principals }),
    actions: selection(raw, "Action", n),
    // A role's trust policy is about the role itself.
    resources:
      principals && raw["Resource"] === undefined ? { not: false, patterns: ["*"] } : selection(raw, "Resource", n),
    conditions: Object.entries((raw["Condition"] ?? {}) as Record<string, Record<string, unknown>>).flatMap(
      ([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => ({ operator, key, values: listOf(values).map(text) })),
    ),
  };
}

function selection(raw: Readonly<Record<string, unknown>>, name: "Action" | "Resource", n: number): Selection {
  const [yes, no] = [raw[name], raw[`Not${name}`]];
  if ((yes === undefined) === (no === undefined)) throw new Error(`policy: statement ${n} needs ${name} or Not${name}`);
  return { not: yes === undefined, patterns: listOf(yes ?? no).map(text) };
}

function principalsOf(raw: unknown): readonly string[] {
  if (raw === "*") return ["*"];
  return Object.entries(raw as Record<string, unknown>).flatMap(([kind, names]) => {
    if (kind !== "AWS" && kind !== "Service") throw new Error(`policy: principals of kind ${kind} are not known here`);
    return listOf(names).map(text);
  });
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  throw new Error(`policy: not resolved: ${JSON.stringify(value)}`);
}
