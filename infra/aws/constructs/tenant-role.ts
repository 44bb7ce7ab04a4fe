/**
 * The only way to a tenant's items and blobs (I1): assumed for one tenant, whose name is the session's tag, and nothing
 * outside that tenant's keys is allowed to it. The functions' own roles reach no tenant's data.
 *
 * The buckets grant to it in their own policies, by the same tag.
 */
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, Role, SessionTagsPrincipal } from "aws-cdk-lib/aws-iam";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import { tableShape } from "#shared/adapters/aws/dynamodb";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { roleArn, roleName } from "../names.ts";
import { blobActions, blobNames, ownNames, tenantStatements } from "./tenant-policy.ts";

export interface TenantRoleProps {
  readonly deployment: Deployment;
  readonly table: TableV2;
  readonly blobs: IBucket;
  readonly dataKey: IKey;
  /** Entries of the registry that act for tenants. */
  readonly assumedBy: readonly string[];
}

export function tenantRole(scope: Construct, { deployment, table, blobs, dataKey, assumedBy }: TenantRoleProps): Role {
  const { isolation, tenantId } = deployment;
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
        // A slash would lead below another tenant's objects.
        StringNotLike: { "aws:RequestTag/tenant": "*/*" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["tenant"] },
      }),
    ),
    inlinePolicies: {
      tenant: new PolicyDocument({
        statements: [
          ...tenantStatements({
            tableArn: table.tableArn,
            indexArn: `${table.tableArn}/index/${tableShape.view.name}`,
            bucketArn: blobs.bucketArn,
            keyArn: dataKey.keyArn,
          }),
        ],
      }),
    },
  });
}

/** The tenant role's part of a bucket of tenants' blobs. */
export function grantOwnBlobs(bucket: Bucket, role: Role): void {
  const principals = [role];
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "OwnBlobs",
      principals,
      actions: blobActions,
      resources: [`${bucket.bucketArn}/${ownNames}`],
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "OwnNames",
      principals,
      actions: [blobNames],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { "s3:prefix": ownNames } },
    }),
  );
}
