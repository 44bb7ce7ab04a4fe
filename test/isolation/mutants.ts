/** Policies with one statement, or one condition of one, taken away or loosened. */
import type { Policy, Statement } from "./iam/policy.ts";

export interface Mutant {
  readonly without: string;
  readonly policy: Policy;
}

export const mutantsOf = (policy: Policy, of: (statement: Statement) => boolean): readonly Mutant[] =>
  policy.statements.filter(of).flatMap((statement) => {
    const replaced = (without: string, by: readonly Statement[]): Mutant => ({
      without: `${statement.sid}${without}`,
      policy: { ...policy, statements: policy.statements.flatMap((one) => (one === statement ? by : [one])) },
    });
    return [
      replaced("", []),
      ...statement.conditions.map(({ operator, key }, n) =>
        replaced(`, ${operator} ${key}`, [{ ...statement, conditions: statement.conditions.toSpliced(n, 1) }]),
      ),
      ...looser(statement).map(([how, by]) => replaced(`, ${how}`, [by])),
    ];
  });

/** The mistakes that a person would make. */
function looser(statement: Statement): readonly (readonly [string, Statement])[] {
  const values = (how: string, change: (value: string) => string) => {
    const conditions = statement.conditions.map((one) => ({ ...one, values: one.values.map(change) }));
    const differs = JSON.stringify(conditions) !== JSON.stringify(statement.conditions);
    return differs ? [[how, { ...statement, conditions }] as const] : [];
  };
  const patterns = statement.resources.patterns;
  return [
    ...values("tenant without its end (T#a matches T#ab)", (value) => value.replace("}#*", "}*").replace("}/*", "}*")),
    ...values("tenant without its beginning", (value) => value.replace("T#${", "*#${")),
    ...(statement.resources.not && patterns.some((one) => one.includes("}/*"))
      ? [
          [
            "objects of all tenants",
            { ...statement, resources: { not: true, patterns: [...patterns, "arn:aws:s3:::*"] } },
          ] as const,
        ]
      : []),
    ...(statement.effect === "Allow" && !statement.resources.not && statement.principals === undefined
      ? [["any resource", { ...statement, resources: { not: false, patterns: ["*"] } }] as const]
      : []),
  ];
}
