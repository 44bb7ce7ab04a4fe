/** What services ask IAM where no call of ours stands behind it: S3 and KMS for a tenant's blobs (Service Authorization Reference, "Amazon S3", "AWS KMS"). */
import type { Probe } from "./suite.ts";

export interface Objects {
  readonly tableArn: string;
  readonly bucket: string;
  readonly otherBucket: string;
  readonly keyArn: string;
  readonly otherKeyArn: string;
  readonly region: string;
  readonly tenants: { readonly own: string; readonly longer: string; readonly other: string };
}

export function objectProbes({
  tableArn,
  bucket,
  otherBucket,
  keyArn,
  otherKeyArn,
  region,
  tenants,
}: Objects): readonly Probe[] {
  const { own, longer, other } = tenants;
  const context = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
  const probe = (
    wanted: Probe["wanted"],
    action: string,
    resource: string,
    more: Record<string, string> = {},
  ): Probe => ({
    what: `${action} of ${resource} ${JSON.stringify(more)}`,
    wanted,
    questions: [{ action, resource, context: { ...context, ...more } }],
  });
  const arn = `arn:aws:s3:::${bucket}`;
  const foreign = [other, longer, "", `x${own}`, own.toUpperCase(), `../${own}`];
  const list = (prefix: string) => ({ "s3:prefix": prefix });
  const via = (service: string) => ({ "kms:ViaService": `${service}.${region}.amazonaws.com` });
  return [
    ...["s3:GetObject", "s3:PutObject", "s3:DeleteObject"].flatMap((action) => [
      probe("served", action, `${arn}/${own}/crl/1.crl`),
      ...foreign.map((tenant) => probe("denied", action, `${arn}/${tenant}/crl/1.crl`)),
      probe("denied", action, `${arn}/${own}`),
      probe("denied", action, `arn:aws:s3:::${otherBucket}/${own}/crl/1.crl`),
    ]),
    probe("served", "s3:ListBucket", arn, list(`${own}/`)),
    probe("served", "s3:ListBucket", arn, list(`${own}/tile/`)),
    probe("denied", "s3:ListBucket", arn),
    ...["", "/", own, ...foreign.map((tenant) => `${tenant}/`)].map((prefix) =>
      probe("denied", "s3:ListBucket", arn, list(prefix)),
    ),
    probe("denied", "s3:ListBucket", `arn:aws:s3:::${otherBucket}`, list(`${own}/`)),
    ...[
      "s3:GetObjectVersion",
      "s3:DeleteObjectVersion",
      "s3:PutObjectAcl",
      "s3:BypassGovernanceRetention",
      "s3:PutObjectRetention",
    ].map((action) => probe("denied", action, `${arn}/${own}/crl/1.crl`)),
    ...["s3:ListBucketVersions", "s3:PutBucketPolicy", "s3:GetBucketPolicy"].map((action) =>
      probe("denied", action, arn),
    ),
    // Should DynamoDB not tell IAM which partitions a call touches, it is denied: ForAllValues alone would let it pass.
    ...["GetItem", "Query", "BatchGetItem", "PutItem", "DeleteItem"].map((call) =>
      probe("denied", `dynamodb:${call}`, tableArn),
    ),
    probe("served", "kms:Decrypt", keyArn, via("dynamodb")),
    probe("served", "kms:GenerateDataKey", keyArn, via("s3")),
    probe("denied", "kms:Decrypt", keyArn),
    probe("denied", "kms:Decrypt", keyArn, via("lambda")),
    probe("denied", "kms:Decrypt", otherKeyArn, via("dynamodb")),
    probe("denied", "kms:Sign", keyArn),
    probe("denied", "kms:CreateGrant", keyArn, via("dynamodb")),
    probe("denied", "sts:AssumeRole", "arn:aws:iam::111122223333:role/any"),
  ];
}
