/** What every bucket of ours has: no public access, TLS only, versions, an owner, and an end for what was replaced. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { ProfileSettings } from "../profile.ts";

export interface PrivateBucketProps {
  /** Without: S3's own key, for what anyone may read. */
  readonly encryptionKey?: IKey;
  /** Where S3 tells who asked; without: this is that bucket. */
  readonly accessLogs?: IBucket;
  /** Every version stays this long. */
  readonly objectLock?: ProfileSettings["objectLock"];
  /** Days until a version that was replaced or deleted goes. */
  readonly replacedDays: number;
  /** Days until an object goes, where it is of no use then. */
  readonly expireDays?: number;
}

/** @returns as the interface too: CDK's own class does not fit it under `exactOptionalPropertyTypes` */
export function privateBucket(scope: Construct, id: string, props: PrivateBucketProps): Bucket & IBucket {
  const { encryptionKey, accessLogs, objectLock, replacedDays, expireDays } = props;
  return new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(encryptionKey === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
    ...(accessLogs !== undefined && { serverAccessLogsBucket: accessLogs, serverAccessLogsPrefix: `${id}/` }),
    ...(objectLock !== undefined && {
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention[objectLock.mode === "GOVERNANCE" ? "governance" : "compliance"](
        Duration.days(objectLock.days),
      ),
    }),
    lifecycleRules: [
      {
        noncurrentVersionExpiration: Duration.days(Math.max(replacedDays, objectLock?.days ?? 0)),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        ...(expireDays !== undefined && { expiration: Duration.days(expireDays) }),
      },
    ],
  }) as Bucket & IBucket;
}
