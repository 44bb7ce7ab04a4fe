/**
 * What anyone may read: signed OCSP responses, CRLs, CA certificates. CloudFront reads it; only the functions that make them
 * write it. All of it can be signed again, so it is not kept.
 */
import { Aws, Duration, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Bucket, CfnBucket, IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import type { Boundary } from "./boundary.ts";
import { privateBucket } from "./private-bucket.ts";

export function publicBucket(scope: Construct, accessLogs: IBucket): Bucket & IBucket {
  const bucket = privateBucket(scope, "Public", { accessLogs, replacedDays: 1 });
  // By then nobody asks for their names any more (shared/pki/stored-status.ts).
  bucket.addLifecycleRule({ prefix: "status/ocsp/", expiration: Duration.days(1) });
  bucket.addLifecycleRule({ prefix: "status/crl/", expiration: Duration.days(3) });
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

/** In the bucket's policy, so that no role's own has a wildcard over objects; what the roles may do at most must hold it too. */
export function grantPublicObjects(bucket: Bucket, roles: readonly IRole[], boundary: Boundary): void {
  const objects = {
    actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
    resources: [bucket.arnForObjects("*")],
  };
  boundary.allow([new PolicyStatement(objects)]);
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  acknowledge(
    boundary.policy,
    `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
    "Objects that anyone may read; a boundary gives nothing, the bucket's own policy names the roles that write.",
  );
  bucket.addToResourcePolicy(new PolicyStatement({ ...objects, sid: "Writers", principals: [...roles] }));
}
