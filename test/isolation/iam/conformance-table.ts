/**
 * What AWS documents of policies. `IAM`: docs.aws.amazon.com/IAM/latest/UserGuide/, by page; `DDB`:
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/.
 */
export const account = "111122223333";
export const arn = `arn:aws:iam::${account}:role/x`;
export const resource = `arn:aws:dynamodb:eu-central-1:${account}:table/core`;
const leading = "dynamodb:LeadingKeys";

export interface Row {
  readonly says: string;
  readonly source: string;
  readonly statement: object;
  readonly also?: readonly object[];
  readonly version?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly tags?: Record<string, string>;
  readonly context?: Record<string, string | readonly string[]>;
  readonly allowed: boolean;
}

const get = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: resource };
const own = { "ForAllValues:StringLike": { [leading]: ["T#${aws:PrincipalTag/tenant}#*"] } };
const logic = "IAM reference_policies_evaluation-logic.html";
const sets = "IAM reference_policies_condition-single-vs-multi-valued-context-keys.html";
const examples = "IAM reference_policies_condition_examples-multi-valued-context-keys.html";
const operators = "IAM reference_policies_elements_condition_operators.html";
const variables = "IAM reference_policies_variables.html";

export const conformance: readonly Row[] = [
  { says: "what nothing allows is denied", source: logic, statement: get, action: "dynamodb:PutItem", allowed: false },
  { says: "an allow allows", source: logic, statement: get, allowed: true },
  {
    says: "an explicit deny wins over an allow",
    source: logic,
    statement: get,
    also: [{ Effect: "Deny", Action: "dynamodb:*", Resource: "*" }],
    allowed: false,
  },
  {
    says: "actions are compared without case",
    source: "IAM reference_policies_elements_action.html",
    statement: { ...get, Action: "DynamoDB:getitem" },
    allowed: true,
  },
  {
    says: "NotAction is all others",
    source: "IAM reference_policies_elements_notaction.html",
    statement: { Effect: "Allow", NotAction: "dynamodb:Scan", Resource: "*" },
    action: "dynamodb:Scan",
    allowed: false,
  },
  {
    says: "NotResource is all others",
    source: "IAM reference_policies_elements_notresource.html",
    statement: { Effect: "Allow", Action: "dynamodb:GetItem", NotResource: resource },
    allowed: false,
  },
  {
    says: "a table's ARN does not name its index",
    source: "DDB specifying-conditions.html",
    statement: { ...get, Action: "dynamodb:Query" },
    action: "dynamodb:Query",
    resource: `${resource}/index/view1`,
    allowed: false,
  },
  {
    says: "resources are compared with case",
    source: "IAM reference_policies_elements_resource.html",
    statement: get,
    resource: resource.replace("core", "Core"),
    allowed: false,
  },
  {
    says: "ForAllValues: every value must fit",
    source: sets,
    statement: { ...get, Condition: own },
    tags: { tenant: "a" },
    context: { [leading]: ["T#a#x", "T#b#x"] },
    allowed: false,
  },
  {
    says: "ForAllValues: also holds when the key is not in the request (the trap that Null closes)",
    source: examples,
    statement: { ...get, Condition: own },
    tags: { tenant: "a" },
    allowed: true,
  },
  {
    says: "ForAllValues: also holds of an empty list",
    source: examples,
    statement: { ...get, Condition: own },
    tags: { tenant: "a" },
    context: { [leading]: [] },
    allowed: true,
  },
  {
    says: "Null false beside it asks for the key",
    source: examples,
    statement: { ...get, Condition: { ...own, Null: { [leading]: "false" } } },
    tags: { tenant: "a" },
    allowed: false,
  },
  {
    says: "Null true holds when the key is absent",
    source: operators,
    statement: { ...get, Condition: { Null: { "aws:PrincipalTag/tenant": "true" } } },
    allowed: true,
  },
  {
    says: "ForAnyValue: one value suffices",
    source: sets,
    statement: { ...get, Condition: { "ForAnyValue:StringLike": { [leading]: "T#a#*" } } },
    context: { [leading]: ["T#b#x", "T#a#x"] },
    allowed: true,
  },
  {
    says: "ForAnyValue: does not hold without the key",
    source: sets,
    statement: { ...get, Condition: { "ForAnyValue:StringLike": { [leading]: "*" } } },
    allowed: false,
  },
  {
    says: "a deny with ForAnyValue:StringNotLike catches one foreign value among own ones",
    source: examples,
    statement: get,
    also: [
      {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { "ForAnyValue:StringNotLike": { [leading]: "T#a#*" } },
      },
    ],
    context: { [leading]: ["T#a#x", "T#b#x"] },
    allowed: false,
  },
  {
    says: "a deny with ForAnyValue:StringNotLike misses a request without the key",
    source: examples,
    statement: get,
    also: [
      {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { "ForAnyValue:StringNotLike": { [leading]: "T#a#*" } },
      },
    ],
    allowed: true,
  },
  {
    says: "a deny with ForAllValues:StringNotLike lets one foreign value pass among own ones (the wrong way to write it)",
    source: examples,
    statement: get,
    also: [
      {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { "ForAllValues:StringNotLike": { [leading]: "T#a#*" } },
      },
    ],
    context: { [leading]: ["T#a#x", "T#b#x"] },
    allowed: true,
  },
  {
    says: "several values of a condition are or-ed",
    source: "IAM reference_policies_condition-logic-multiple-context-keys-or-values.html",
    statement: { ...get, Condition: { StringEquals: { "aws:PrincipalTag/tenant": ["a", "b"] } } },
    tags: { tenant: "b" },
    allowed: true,
  },
  {
    says: "several values of a negated condition are nor-ed",
    source: "IAM reference_policies_condition-logic-multiple-context-keys-or-values.html",
    statement: { ...get, Condition: { StringNotEquals: { "aws:PrincipalTag/tenant": ["a", "b"] } } },
    tags: { tenant: "b" },
    allowed: false,
  },
  {
    says: "several conditions are and-ed",
    source: "IAM reference_policies_condition-logic-multiple-context-keys-or-values.html",
    statement: {
      ...get,
      Condition: { StringEquals: { "aws:PrincipalTag/tenant": "a", "aws:PrincipalTag/other": "b" } },
    },
    tags: { tenant: "a" },
    allowed: false,
  },
  {
    says: "a positive operator does not hold without the key",
    source: operators,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "*" } } },
    allowed: false,
  },
  {
    says: "a negated operator holds without the key",
    source: operators,
    statement: { ...get, Condition: { StringNotLike: { "s3:prefix": "x*" } } },
    allowed: true,
  },
  {
    says: "IfExists holds without the key",
    source: operators,
    statement: { ...get, Condition: { StringEqualsIfExists: { "s3:prefix": "x" } } },
    allowed: true,
  },
  {
    says: "IfExists asks when the key is there",
    source: operators,
    statement: { ...get, Condition: { StringEqualsIfExists: { "s3:prefix": "x" } } },
    context: { "s3:prefix": "y" },
    allowed: false,
  },
  {
    says: "StringEquals knows no wildcard",
    source: operators,
    statement: { ...get, Condition: { StringEquals: { "s3:prefix": "a*" } } },
    context: { "s3:prefix": "ab" },
    allowed: false,
  },
  {
    says: "StringLike compares with case",
    source: operators,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "A*" } } },
    context: { "s3:prefix": "ab" },
    allowed: false,
  },
  {
    says: "? is exactly one character",
    source: operators,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "?*" } } },
    context: { "s3:prefix": "" },
    allowed: false,
  },
  {
    says: "keys of conditions are compared without case",
    source: "IAM reference_policies_elements_condition.html",
    statement: { ...get, Condition: { StringEquals: { "AWS:principaltag/TENANT": "a" } } },
    tags: { tenant: "a" },
    allowed: true,
  },
  {
    says: "an ARN's parts are compared each for itself",
    source: operators,
    statement: { ...get, Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*/x" } } },
    allowed: false,
  },
  {
    says: "a variable without a value makes an allow ineffective",
    source: variables,
    statement: { ...get, Condition: own },
    context: { [leading]: ["T##x"] },
    allowed: false,
  },
  {
    says: "a variable without a value takes its default",
    source: variables,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "${aws:PrincipalTag/tenant, 'none'}/*" } } },
    context: { "s3:prefix": "none/x" },
    allowed: true,
  },
  {
    says: "a variable stands in a resource",
    source: variables,
    statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/${aws:PrincipalTag/tenant}/*" },
    action: "s3:GetObject",
    resource: "arn:aws:s3:::b/a/k",
    tags: { tenant: "a" },
    allowed: true,
  },
  {
    says: "${*} is the character",
    source: variables,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "a${*}" } } },
    context: { "s3:prefix": "ab" },
    allowed: false,
  },
  {
    says: "before 2012-10-17 a variable is text",
    source: variables,
    statement: { ...get, Condition: { StringLike: { "s3:prefix": "${aws:PrincipalTag/tenant}" } } },
    version: "2008-10-17",
    tags: { tenant: "a" },
    context: { "s3:prefix": "a" },
    allowed: false,
  },
];
