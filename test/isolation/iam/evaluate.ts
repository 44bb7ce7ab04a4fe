/**
 * The decision (IAM User Guide, "Policy evaluation logic", one account): an explicit deny wins; else an allow of the
 * identity or of the resource suffices; else it is denied.
 */
import { holds } from "./conditions.ts";
import { type Context, contextOf, matches, resolve, Unresolved } from "./patterns.ts";
import type { Policy, Selection, Statement } from "./policy.ts";

export interface Principal {
  /** Of a role session the role's ARN, as in `aws:PrincipalArn`. */
  readonly arn: string;
  readonly account: string;
  /** `aws:PrincipalTag/…`: of the session, over those of the role. */
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
}

export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Decision {
  readonly allowed: boolean;
  readonly because: string;
}

/** @param resourcePolicy a bucket's policy, or the trust policy of a role */
export function decide(principal: Principal, question: Question, resourcePolicy?: Policy): Decision {
  const context = contextOf({
    "aws:PrincipalArn": principal.arn,
    "aws:PrincipalAccount": principal.account,
    ...Object.fromEntries(Object.entries(principal.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
    ...question.context,
  });
  const identity = principal.policies.flatMap((policy) => applying(policy, question, context));
  const resource = resourcePolicy === undefined ? [] : applying(resourcePolicy, question, context);
  const named = resource.filter(({ principals }) => principals?.some((one) => names(one, principal)));

  const denial = [...identity, ...named].find(({ effect }) => effect === "Deny");
  if (denial !== undefined) return { allowed: false, because: `explicit deny in ${denial.sid}` };
  const byIdentity = identity.find(({ effect }) => effect === "Allow");
  // A trust policy is asked for every AssumeRole; it lets the account's own policies decide where it names the account.
  const trust = question.action.startsWith("sts:");
  const grants = named.filter(({ effect }) => effect === "Allow");
  const byName = grants.find(({ principals }) => principals?.some((one) => !isAccount(one, principal)));
  const allow = byName ?? (trust ? grants.length > 0 && byIdentity : byIdentity);
  if (allow === undefined || allow === false) return { allowed: false, because: "no policy allows it" };
  return { allowed: true, because: allow.sid };
}

const applying = (policy: Policy, question: Question, context: Context): readonly Statement[] =>
  policy.statements.filter((statement) => {
    try {
      return (
        selects(statement.actions, question.action, context, false, true) &&
        selects(statement.resources, question.resource, context, policy.variables, false) &&
        statement.conditions.every((condition) => holds(condition, context, policy.variables))
      );
    } catch (error) {
      if (error instanceof Unresolved) return false;
      throw error;
    }
  });

function selects(of: Selection, text: string, context: Context, variables: boolean, ignoreCase: boolean): boolean {
  const hit = of.patterns.some((pattern) => matches(resolve(pattern, context, variables), text, ignoreCase));
  return hit !== of.not;
}

const names = (one: string, principal: Principal): boolean =>
  one === "*" || one === principal.arn || isAccount(one, principal);

const isAccount = (one: string, { account }: Principal): boolean =>
  one === account || one === `arn:aws:iam::${account}:root`;
