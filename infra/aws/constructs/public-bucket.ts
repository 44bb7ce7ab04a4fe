/**
 * What anyone may read: signed OCSP responses, CRLs, CA certificates. CloudFront reads it; only the functions that make them
 * write it. All of it can be signed again, so it is not kept.
 */
import { Aws } from "aws-cdk-lib";
import { type IRole, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { privateBucket } from "./private-bucket.ts";

export function publicBucket(scope: Construct, accessLogs: IBucket): Bucket & IBucket {
  const bucket = privateBucket(scope, "Public", { accessLogs, replacedDays: 1 });
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "CloudFrontReads",
      principals: [new ServicePrincipal("cloudfront.amazonaws.com")],
      actions: ["s3:GetObject"],
      resources: [bucket.arnForObjects("*")],
      // Not the one distribution, which is made later by a stack that needs this bucket; any of this account will do.
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    }),
  );
  return bucket;
}

/** In the bucket's policy, so that no role has a wildcard over objects. */
export function grantPublicObjects(bucket: Bucket, roles: readonly IRole[]): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: "Writers",
      principals: roles.map(({ grantPrincipal }) => grantPrincipal),
      actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [bucket.arnForObjects("*")],
    }),
  );
}
