/** What is lost cannot be signed again: tables, buckets and keys stay, and can be had back as they were. */
import { profiles } from "../profile.ts";
import type { Policy } from "./policy.ts";
import { statementsIn } from "./statements.ts";
import { at, type Found, list, resourcesOf, type Templates, text, where } from "./templates.ts";

const unmet = (found: Found, held: readonly (readonly [boolean, string])[]) =>
  held.filter(([good]) => !good).map(([, problem]) => `${where(found)}: ${problem}`);

const kept = ({ resource }: Found): readonly [boolean, string] => [
  resource.DeletionPolicy === "Retain" && resource.UpdateReplacePolicy === "Retain",
  "goes with its stack",
];

export const tables: Policy = {
  name: "every table can be restored to any second, is protected, encrypted under our key, and stays",
  check: (templates) =>
    resourcesOf(templates, "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table").flatMap((table) => {
      const replicas = list(table.properties["Replicas"]);
      return unmet(table, [
        [
          replicas.length > 0 &&
            replicas.every((one) => at(one, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") === true),
          "has no point-in-time recovery",
        ],
        [replicas.every((one) => at(one, "DeletionProtectionEnabled") === true), "can be deleted"],
        [
          at(table.properties["SSESpecification"], "SSEEnabled") === true &&
            replicas.every((one) => at(one, "SSESpecification", "KMSMasterKeyId") !== undefined),
          "is not encrypted under our key",
        ],
        kept(table),
      ]);
    }),
};

const tlsOnly = (templates: Templates, bucket: Found) =>
  resourcesOf(templates, "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
    .filter(({ properties }) => [properties["Bucket"], ...list(properties["Queues"])].includes(bucket.ref))
    .flatMap((policy) => statementsIn(policy.properties["PolicyDocument"], where(policy)))
    .some(
      ({ effect, principals, conditions }) =>
        effect === "Deny" && principals.includes("*") && conditions["Bool"]?.["aws:SecureTransport"] === "false",
    );

const blocked = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

export const buckets: Policy = {
  name: "every bucket is closed to the public, asks for TLS, keeps versions, and stays; blobs are locked",
  check: (templates, { profile }) =>
    resourcesOf(templates, "AWS::S3::Bucket").flatMap((bucket) => {
      const { properties, id } = bucket;
      const { mode, days } = profiles[profile].objectLock;
      const retention = at(properties["ObjectLockConfiguration"], "Rule", "DefaultRetention");
      return unmet(bucket, [
        [
          blocked.every((one) => at(properties["PublicAccessBlockConfiguration"], one) === true),
          "is not closed to the public",
        ],
        [tlsOnly(templates, bucket), "can be reached without TLS"],
        [at(properties["VersioningConfiguration"], "Status") === "Enabled", "keeps no versions"],
        [properties["BucketEncryption"] !== undefined, "is not encrypted"],
        [
          !id.startsWith("Blobs") || (at(retention, "Mode") === mode && at(retention, "Days") === days),
          `is not locked for ${days} days under ${mode}`,
        ],
        kept(bucket),
      ]);
    }),
};

export const keys: Policy = {
  name: "no KMS key goes with its stack, and each waits 30 days before it ends",
  check: (templates) =>
    resourcesOf(templates, "AWS::KMS::Key").flatMap((key) =>
      unmet(key, [kept(key), [key.properties["PendingWindowInDays"] === 30, "ends sooner than in 30 days"]]),
    ),
};

export const queues: Policy = {
  name: "every queue is encrypted and asks for TLS; one that is read puts aside what fails, and hides it for six calls",
  check: (templates) =>
    resourcesOf(templates, "AWS::SQS::Queue").flatMap((queue) => {
      const mapping = resourcesOf(templates, "AWS::Lambda::EventSourceMapping").find(
        ({ properties }) => properties["EventSourceArn"] === queue.arn,
      );
      const reader = resourcesOf(templates, "AWS::Lambda::Function").find(
        ({ arn, ref }) => mapping !== undefined && [arn, ref].includes(text(mapping.properties["FunctionName"])),
      );
      return unmet(queue, [
        [queue.properties["KmsMasterKeyId"] !== undefined, "is not encrypted under our key"],
        [tlsOnly(templates, queue), "can be reached without TLS"],
        [
          mapping === undefined || at(queue.properties["RedrivePolicy"], "deadLetterTargetArn") !== undefined,
          "never puts aside what fails",
        ],
        [
          mapping === undefined ||
            list(mapping.properties["FunctionResponseTypes"]).includes("ReportBatchItemFailures"),
          "comes again whole when one message fails",
        ],
        [
          reader === undefined ||
            Number(queue.properties["VisibilityTimeout"]) >= 6 * Number(reader.properties["Timeout"]),
          "shows a message again while it is worked on",
        ],
      ]);
    }),
};
