/**
 * The only way to a tenant's items and blobs (I1): assumed for one tenant, whose name is the session's tag, and nothing
 * outside that tenant's keys is allowed to it. The functions' own roles reach no tenant's data.
 *
 * The buckets grant to it in their own policies, by the same tag.
 */
import {
  AccountRootPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  SessionTagsPrincipal,
} from "aws-cdk-lib/aws-iam";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { tableShape } from "#shared/adapters/aws/dynamodb";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { roleArn, roleName } from "../names.ts";
import { dataKeyActions, viaService } from "./key-policy.ts";

/** What the port Table asks of DynamoDB; a transaction is authorized as its parts. */
const itemActions = [
  "dynamodb:ConditionCheckItem",
  "dynamodb:DeleteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:UpdateItem",
];

/** Ways to items that name no key, which LeadingKeys could not hold. */
const keylessActions = [
  "dynamodb:DescribeStream",
  "dynamodb:ExportTableToPointInTime",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:PartiQLDelete",
  "dynamodb:PartiQLInsert",
  "dynamodb:PartiQLSelect",
  "dynamodb:PartiQLUpdate",
  "dynamodb:Scan",
];

/** IAM puts the session's tag here. A tag's value can hold neither `*`, `?` nor `#`. */
const ofTenant = "${aws:PrincipalTag/tenant}";

export interface TenantRoleProps {
  readonly deployment: Deployment;
  readonly table: TableV2;
  readonly dataKey: IKey;
  /** Entries of the registry that act for tenants. */
  readonly assumedBy: readonly string[];
}

export function tenantRole(scope: Construct, { deployment, table, dataKey, assumedBy }: TenantRoleProps): Role {
  const { isolation, tenantId } = deployment;
  const index = `${table.tableArn}/index/${tableShape.view.name}`;
  return new Role(scope, "TenantRole", {
    roleName: roleName(deployment, "tenant"),
    description: "A tenant's data, for the tenant that the session's tag names",
    assumedBy: new SessionTagsPrincipal(
      new AccountRootPrincipal().withConditions({
        // The roles are made later, by the core stack; each also needs this in its own policy.
        ArnEquals: { "aws:PrincipalArn": assumedBy.map((entry) => roleArn(deployment, entry)) },
        ...(isolation === "silo"
          ? { StringEquals: { "aws:RequestTag/tenant": tenantId } }
          : { StringLike: { "aws:RequestTag/tenant": "?*" } }),
        "ForAllValues:StringEquals": { "aws:TagKeys": ["tenant"] },
      }),
    ),
    inlinePolicies: {
      tenant: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: "OwnItems",
            actions: itemActions,
            resources: [table.tableArn, index],
            conditions: {
              "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`T#${ofTenant}#*`] },
              // ForAllValues holds of a request without keys.
              Null: { "dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false" },
            },
          }),
          new PolicyStatement({
            sid: "NothingWithoutKeys",
            effect: Effect.DENY,
            actions: keylessActions,
            resources: ["*"],
          }),
          new PolicyStatement({
            sid: "DataKey",
            actions: dataKeyActions,
            resources: [dataKey.keyArn],
            conditions: { StringEquals: { "kms:ViaService": ["dynamodb", "s3"].map(viaService) } },
          }),
        ],
      }),
    },
  });
}

/** The tenant role's part of a bucket of tenants' blobs. */
export function grantOwnBlobs(bucket: Bucket, role: Role): void {
  const principals = [role];
  const conditions = { Null: { "aws:PrincipalTag/tenant": "false" } };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "OwnBlobs",
      principals,
      actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [`${bucket.bucketArn}/${ofTenant}/*`],
      conditions,
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "OwnNames",
      principals,
      actions: ["s3:ListBucket"],
      resources: [bucket.bucketArn],
      conditions: { ...conditions, StringLike: { "s3:prefix": `${ofTenant}/*` } },
    }),
  );
}
