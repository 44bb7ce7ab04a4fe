/**
 * What the credentials of one tenant may do (I1). Twice over, each part sufficient alone: allowed is only what names the
 * tenant of the session's tag, and all else is denied, so that a grant added by mistake opens nothing.
 * test/isolation/ takes either part away and shows that the other holds.
 */
import { Effect, PolicyStatement, type PolicyStatementProps } from "aws-cdk-lib/aws-iam";
import { dataKeyActions, viaService } from "./key-policy.ts";

/** Calls that name the partitions they touch; a transaction is authorized as its parts, a batch as itself. */
const itemActions = [
  "dynamodb:BatchGetItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:ConditionCheckItem",
  "dynamodb:DeleteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:UpdateItem",
];

export const blobActions = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
export const blobNames = "s3:ListBucket";

const tenantTag = "aws:PrincipalTag/tenant";
/** IAM puts the session's tag here. A tag's value can hold neither `*`, `?` nor `#`. */
const ofTenant = `\${${tenantTag}}`;
const partitions = `T#${ofTenant}#*`;
export const ownNames = `${ofTenant}/*`;

export interface TenantThings {
  readonly tableArn: string;
  readonly indexArn: string;
  readonly bucketArn: string;
  readonly keyArn: string;
}

export function tenantStatements({ tableArn, indexArn, bucketArn, keyArn }: TenantThings): readonly PolicyStatement[] {
  const items = { actions: itemActions, resources: ["*"] };
  const all = [...itemActions, ...blobActions, blobNames, ...dataKeyActions];
  const services = ["dynamodb", "s3"].map(viaService);
  return [
    new PolicyStatement({
      sid: "OwnItems",
      actions: itemActions,
      resources: [tableArn, indexArn],
      conditions: {
        "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [partitions] },
        // ForAllValues holds of a request without keys.
        Null: { "dynamodb:LeadingKeys": "false" },
      },
    }),
    new PolicyStatement({
      sid: "DataKey",
      actions: dataKeyActions,
      resources: [keyArn],
      conditions: { StringEquals: { "kms:ViaService": services }, Null: { [tenantTag]: "false" } },
    }),
    deny("OnlyWhatTenantsDo", { notActions: all, resources: ["*"] }),
    // A variable without a value makes a statement ineffective, those below too.
    deny("OnlyWithTenant", { actions: all, resources: ["*"], conditions: { Null: { [tenantTag]: "true" } } }),
    deny("OnlyOwnThings", {
      actions: all,
      notResources: [tableArn, indexArn, bucketArn, `${bucketArn}/${ownNames}`, keyArn],
    }),
    deny("OnlyOwnPartitions", {
      ...items,
      conditions: { "ForAnyValue:StringNotLike": { "dynamodb:LeadingKeys": [partitions] } },
    }),
    deny("OnlyByPartition", { ...items, conditions: { Null: { "dynamodb:LeadingKeys": "true" } } }),
    deny("OnlyOwnNames", {
      actions: [blobNames],
      resources: ["*"],
      conditions: { StringNotLike: { "s3:prefix": ownNames } },
    }),
    deny("OnlyThroughServices", {
      actions: dataKeyActions,
      resources: ["*"],
      conditions: { StringNotEquals: { "kms:ViaService": services } },
    }),
  ];
}

const deny = (sid: string, props: PolicyStatementProps): PolicyStatement =>
  new PolicyStatement({ sid, effect: Effect.DENY, ...props });
