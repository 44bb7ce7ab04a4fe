/** Faults to plant, for each policy those that it is there to find. A policy without one is not worth having. */
import { add, append, drop, type Fault, remove, set } from "./fault.ts";
import { boundaries, functionSettings, ownRoles } from "./functions.ts";
import { cheapWhenIdle } from "./idle-cost.ts";
import { adminByOperators, signerByFunctions } from "./invocations.ts";
import { sizes, throttles } from "./limits.ts";
import { noWildcards } from "./no-wildcards.ts";
import { oneSigner } from "./one-signer.ts";
import type { Policy } from "./policy.ts";
import { buckets, keys, queues, tables } from "./recovery.ts";
import { oneDirection } from "./references.ts";
import { registered } from "./registry.ts";
import { copyOfAll } from "./restore-drill.ts";
import type { Json } from "./templates.ts";
import { directoryUsers, parameterReaders, tenantRoleAlone, tenantRoleTrust } from "./tenant-data.ts";

const keyPolicy = ["Properties", "KeyPolicy", "Statement"];
const inline = ["Properties", "Policies", 0, "PolicyDocument", "Statement"];
const trust = ["Properties", "AssumeRolePolicyDocument", "Statement"];

const caKey = { stack: "keys", type: "KMS::Key", id: "CaKeyP256x1" };
const importedKey = { stack: "keys", type: "KMS::Key", id: "ImportedCaKeyP384x1" };
const signerRole = { stack: "keys", type: "IAM::Role", id: "SignerRole" };
const tenantRole = { stack: "data", type: "IAM::Role", id: "TenantRole" };
const acmeRole = { stack: "core", type: "IAM::Role", id: "AcmeRole" };
const routerRole = { stack: "core", type: "IAM::Role", id: "RouterRole" };
const checkRole = { stack: "workflows", type: "IAM::Role", id: "RestoreCheckRole" };
const drill = { stack: "workflows", type: "StepFunctions::StateMachine", id: "RestoreDrillStateMachine" };
const drillCopy = "arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/trstctl-restore-drill";
const acme = { stack: "core", type: "Lambda::Function", id: "AcmeFunction" };
const coreTable = { stack: "data", type: "DynamoDB::GlobalTable", id: "CoreTable" };
const blobs = { stack: "data", type: "S3::Bucket", id: "Blobs" };
const blobPolicy = { stack: "data", type: "S3::BucketPolicy", id: "BlobsPolicy" };
const outboxQueue = { stack: "core", type: "SQS::Queue", id: "OutboxWakesQueue" };

const allow = (
  action: string | readonly string[],
  resource: Json,
  rest: Readonly<Record<string, Json>> = {},
): Json => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...rest,
});
const ownItems = [...inline, "#OwnItems", "Condition"];
const blobStatements = ["Properties", "PolicyDocument", "Statement"];
const here = "<keys/CaKeyP256x1.Arn>";

export const faults: readonly (readonly [Policy, string, Fault])[] = [
  [oneSigner, "another role signs, by its own policy", append(acmeRole, inline, allow("kms:Sign", here))],
  [oneSigner, "another role signs, by kms:*", append(acmeRole, inline, allow("kms:*", here))],
  [
    oneSigner,
    "another role signs, by a policy that is attached",
    add("core", "Extra", "IAM::Policy", {
      PolicyDocument: { Statement: [allow("kms:Sig?", "*")] },
      Roles: ["<core/RouterRole>"],
    }),
  ],
  [oneSigner, "the account signs", remove(caKey, [...keyPolicy, "#Sign", "Condition", "ArnEquals"])],
  [
    oneSigner,
    "another role signs, by the key's policy",
    set(caKey, [...keyPolicy, "#Sign", "Condition", "ArnEquals", "aws:PrincipalArn"], "arn:aws:iam::1:role/other"),
  ],
  [
    oneSigner,
    "any algorithm",
    remove(caKey, [...keyPolicy, "#Sign", "Condition", "StringEquals", "kms:SigningAlgorithm"]),
  ],
  [
    oneSigner,
    "whole messages, which KMS would hash",
    set(caKey, [...keyPolicy, "#Sign", "Condition", "StringEquals", "kms:MessageType"], ["DIGEST", "RAW"]),
  ],
  [
    oneSigner,
    "the signer's own policy pins nothing",
    set(signerRole, inline, (old: readonly Json[]) =>
      old.map((one) => ((one as { Action: Json }).Action === "kms:Sign" ? allow("kms:Sign", here) : one)),
    ),
  ],
  [oneSigner, "nobody else is denied", remove(caKey, [...keyPolicy, "#NobodyElseSigns"])],
  [oneSigner, "other algorithms are not denied", remove(caKey, [...keyPolicy, "#NoOtherAlgorithm"])],
  [oneSigner, "other messages are not denied", remove(caKey, [...keyPolicy, "#NoOtherMessage"])],
  [oneSigner, "grants are not denied", remove(caKey, [...keyPolicy, "#NoGrants"])],
  [oneSigner, "the account makes grants", append(caKey, [...keyPolicy, "#Housekeeping", "Action"], "kms:CreateGrant")],
  [
    oneSigner,
    "the account replicates the key, with a policy of its choice",
    append(caKey, [...keyPolicy, "#Housekeeping", "Action"], "kms:ReplicateKey"),
  ],
  [
    oneSigner,
    "the account changes the policy",
    append(caKey, [...keyPolicy, "#Housekeeping", "Action"], "kms:PutKeyPolicy"),
  ],
  [oneSigner, "the end of a key is not denied", remove(caKey, [...keyPolicy, "#NoEndButBreakGlass"])],
  [oneSigner, "another policy is not denied", remove(caKey, [...keyPolicy, "#NoOtherPolicy"])],
  [oneSigner, "anybody imports a key's material", remove(importedKey, [...keyPolicy, "#NobodyElseImports"])],
  [oneSigner, "one Region only", set(caKey, ["Properties", "MultiRegion"], false)],
  [
    oneSigner,
    "a key that nobody asked for",
    add("core", "Own", "KMS::Key", { KeyUsage: "SIGN_VERIFY", MultiRegion: true }),
  ],

  [noWildcards, "an action", append(acmeRole, inline, allow("sqs:Get*", "arn:aws:sqs:::x"))],
  [noWildcards, "all resources", append(acmeRole, inline, allow("sqs:SendMessage", "*"))],
  [noWildcards, "all objects", append(acmeRole, inline, allow("s3:GetObject", "<data/Blobs.Arn>/*"))],
  [noWildcards, "log deliveries, elsewhere", append(acmeRole, inline, allow("logs:CreateLogDelivery", "*"))],
  [
    noWildcards,
    "traces, and more beside",
    append(acmeRole, inline, allow(["xray:PutTraceSegments", "ssm:GetParameter"], "*")),
  ],
  [
    noWildcards,
    "all but some actions",
    append(acmeRole, inline, { Effect: "Allow", NotAction: "iam:PassRole", Resource: "arn:aws:x:::y" }),
  ],
  [noWildcards, "an action on a key", append(caKey, [...keyPolicy, "#Look", "Action"], "kms:Get*")],
  [noWildcards, "anyone, in a key's policy", set(caKey, [...keyPolicy, "#Look", "Principal"], { AWS: "*" })],
  [noWildcards, "anyone, in a bucket's policy", set(blobPolicy, [...blobStatements, "#OwnBlobs", "Principal"], "*")],
  [noWildcards, "all of a bucket", set(blobPolicy, [...blobStatements, "#OwnBlobs", "Resource"], "<data/Blobs.Arn>/*")],
  [noWildcards, "anyone assumes a role", set(acmeRole, [...trust, 0, "Principal"], { AWS: "*" })],

  [
    tenantRoleAlone,
    "a function reads the table itself",
    append(acmeRole, inline, allow("dynamodb:GetItem", "<data/CoreTable.Arn>")),
  ],
  [
    tenantRoleAlone,
    "a function reads the view itself",
    append(routerRole, inline, allow("dynamodb:Query", "<data/CoreTable.Arn>/index/view1")),
  ],
  [tenantRoleAlone, "no leading keys", remove(tenantRole, [...ownItems, "ForAllValues:StringLike"])],
  [
    tenantRoleAlone,
    "keys that begin with the tenant",
    set(
      tenantRole,
      [...ownItems, "ForAllValues:StringLike", "dynamodb:LeadingKeys"],
      ["T#${aws:PrincipalTag/tenant}*"],
    ),
  ],
  [tenantRoleAlone, "requests without keys", remove(tenantRole, [...ownItems, "Null", "dynamodb:LeadingKeys"])],
  [tenantRoleAlone, "sessions without a tenant", remove(tenantRole, [...inline, "#OnlyWithTenant"])],
  [tenantRoleAlone, "scans", append(tenantRole, [...inline, "#OwnItems", "Action"], "dynamodb:Scan")],
  [tenantRoleAlone, "what names no key is not denied", remove(tenantRole, [...inline, "#OnlyWhatTenantsDo"])],
  [
    tenantRoleAlone,
    "another table",
    append(tenantRole, [...inline, "#OwnItems", "Resource"], "<data/DirectoryTable.Arn>"),
  ],
  [
    tenantRoleAlone,
    "only some of it denied to sessions without a tenant",
    set(tenantRole, [...inline, "#OnlyWithTenant", "Action"], ["dynamodb:Query"]),
  ],
  [
    tenantRoleAlone,
    "names of all blobs",
    remove(blobPolicy, [...blobStatements, "#OwnNames", "Condition", "StringLike"]),
  ],
  [
    tenantRoleAlone,
    "blobs for another role",
    set(blobPolicy, [...blobStatements, "#OwnBlobs", "Principal"], { AWS: "arn:aws:iam::1:role/x" }),
  ],

  [
    tenantRoleTrust,
    "one more function",
    append(tenantRole, [...trust, 0, "Condition", "ArnEquals", "aws:PrincipalArn"], "arn:aws:iam::1:role/x"),
  ],
  [tenantRoleTrust, "anyone of the account", remove(tenantRole, [...trust, 0, "Condition", "ArnEquals"])],
  [tenantRoleTrust, "no tenant", remove(tenantRole, [...trust, 0, "Condition", "StringLike"])],
  [tenantRoleTrust, "other tags", remove(tenantRole, [...trust, 0, "Condition", "ForAllValues:StringEquals"])],
  [
    tenantRoleTrust,
    "another role is assumed",
    append(acmeRole, inline, allow("sts:AssumeRole", "arn:aws:iam::1:role/x")),
  ],

  [
    copyOfAll,
    "another role asks for a copy",
    append(acmeRole, inline, allow("dynamodb:RestoreTableToPointInTime", "<data/CoreTable.Arn>")),
  ],
  [copyOfAll, "another role reads the copy", append(acmeRole, inline, allow("dynamodb:Scan", drillCopy))],
  [copyOfAll, "the check writes the copy", append(checkRole, [...inline, "#ReadCopy", "Action"], "dynamodb:PutItem")],
  [
    copyOfAll,
    "the check reads what lives",
    append(checkRole, [...inline, "#ReadCopy", "Resource"], "<data/CoreTable.Arn>"),
  ],
  [copyOfAll, "the drill is not logged", remove(drill, ["Properties", "LoggingConfiguration"])],
  [copyOfAll, "the drill is not traced", remove(drill, ["Properties", "TracingConfiguration"])],
  [copyOfAll, "JSONata", set(drill, ["Properties", "DefinitionString"], '{"QueryLanguage":"JSONata"}')],
  [
    tenantRoleAlone,
    "a copy, and more beside",
    append(acmeRole, inline, allow(["dynamodb:RestoreTableToPointInTime", "dynamodb:Scan"], "<data/CoreTable.Arn>")),
  ],

  [
    directoryUsers,
    "a function whose entry does not say so",
    append(routerRole, inline, allow("dynamodb:PutItem", "<data/DirectoryTable.Arn>")),
  ],

  [
    directoryUsers,
    "a function that resolves names, and may write them",
    append(acmeRole, inline, allow("dynamodb:PutItem", "<data/DirectoryTable.Arn>")),
  ],
  [
    directoryUsers,
    "a function that resolves names, and may list everybody's",
    append(acmeRole, inline, allow("dynamodb:Query", "<data/DirectoryTable.Arn>/index/view1")),
  ],

  [
    parameterReaders,
    "another function reads what proves us to identity providers",
    append(
      acmeRole,
      inline,
      allow("ssm:GetParameter", "arn:aws:ssm:eu-central-1:111122223333:parameter/trstctl/sign-in"),
    ),
  ],
  [
    parameterReaders,
    "a function writes parameters",
    append(
      acmeRole,
      inline,
      allow("ssm:PutParameter", "arn:aws:ssm:eu-central-1:111122223333:parameter/trstctl/settings"),
    ),
  ],

  [ownRoles, "two functions, one role", set(acme, ["Properties", "Role"], "<core/RouterRole.Arn>")],
  [ownRoles, "a role from elsewhere", set(acme, ["Properties", "Role"], "arn:aws:iam::1:role/x")],
  [boundaries, "no boundary", remove(acmeRole, ["Properties", "PermissionsBoundary"])],

  [functionSettings, "x86", set(acme, ["Properties", "Architectures"], ["x86_64"])],
  [functionSettings, "an old Node", set(acme, ["Properties", "Runtime"], "nodejs22.x")],
  [functionSettings, "no traces", remove(acme, ["Properties", "TracingConfig"])],
  [functionSettings, "no memory", remove(acme, ["Properties", "MemorySize"])],
  [functionSettings, "no timeout", remove(acme, ["Properties", "Timeout"])],
  [functionSettings, "Lambda's own log group", remove(acme, ["Properties", "LoggingConfig"])],
  [
    functionSettings,
    "a log for ever",
    remove({ stack: "core", type: "Logs::LogGroup", id: "AcmeLog" }, ["Properties", "RetentionInDays"]),
  ],
  [
    functionSettings,
    "a log under another key",
    remove({ stack: "core", type: "Logs::LogGroup", id: "AcmeLog" }, ["Properties", "KmsKeyId"]),
  ],
  [functionSettings, "no dead letters", remove(acme, ["Properties", "DeadLetterConfig"])],
  [
    functionSettings,
    "no failure destination",
    drop({ stack: "core", type: "Lambda::EventInvokeConfig", id: "AcmeAsynchronousCalls" }),
  ],

  [registered, "an entry without its function", drop({ stack: "core", type: "Lambda::Function", id: "ScepFunction" })],
  [
    registered,
    "a function without an entry",
    add("core", "Extra", "Lambda::Function", { FunctionName: "trstctl-extra" }),
  ],
  [registered, "other memory", set(acme, ["Properties", "MemorySize"], 128)],
  [registered, "no route", drop({ stack: "core", type: "ApiGatewayV2::Route", id: "AcmeApiDefaultRoute" })],
  [
    registered,
    "no way in from its API",
    drop({ stack: "core", type: "Lambda::Permission", id: "AcmeApiDefaultRouteFunctionPermission" }),
  ],
  [registered, "no stream", drop({ stack: "core", type: "Lambda::EventSourceMapping", id: "CoreStream" })],
  [
    registered,
    "a stream without filters",
    remove({ stack: "core", type: "Lambda::EventSourceMapping", id: "CoreStream" }, ["Properties", "FilterCriteria"]),
  ],
  [registered, "no queue", drop({ stack: "core", type: "Lambda::EventSourceMapping", id: "OutboxWakesRings" })],
  [registered, "no schedule", drop({ stack: "core", type: "Scheduler::Schedule", id: "ClockSchedule" })],
  [
    registered,
    "an API calls the admin",
    add("core", "Extra", "Lambda::Permission", {
      FunctionName: "trstctl-admin",
      Principal: "apigateway.amazonaws.com",
    }),
  ],

  [
    adminByOperators,
    "a function calls the admin",
    append(acmeRole, inline, allow("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:1:function:trstctl-admin")),
  ],
  [
    signerByFunctions,
    "one more function calls the signer",
    append(
      routerRole,
      inline,
      allow("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:1:function:trstctl-signer:live"),
    ),
  ],
  [signerByFunctions, "one that needs it may not", remove(acmeRole, [...inline, "#Signer"])],

  [
    tables,
    "no point-in-time recovery",
    set(
      coreTable,
      ["Properties", "Replicas", 0, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"],
      false,
    ),
  ],
  [
    tables,
    "no recovery said",
    remove({ ...coreTable, id: "DirectoryTable" }, ["Properties", "Replicas", 0, "PointInTimeRecoverySpecification"]),
  ],
  [tables, "deletable", set(coreTable, ["Properties", "Replicas", 0, "DeletionProtectionEnabled"], false)],
  [tables, "another key", remove(coreTable, ["Properties", "Replicas", 0, "SSESpecification"])],
  [
    tables,
    "goes with the stack",
    set({ ...coreTable, stack: "keys", id: "JournalTable" }, ["DeletionPolicy"], "Delete"),
  ],
  [buckets, "public", set(blobs, ["Properties", "PublicAccessBlockConfiguration", "BlockPublicPolicy"], false)],
  [
    buckets,
    "no TLS",
    set(blobPolicy, blobStatements, (old: readonly Json[]) =>
      old.filter((one) => (one as { Effect: string }).Effect !== "Deny"),
    ),
  ],
  [buckets, "no versions", remove(blobs, ["Properties", "VersioningConfiguration"])],
  [buckets, "not encrypted", remove(blobs, ["Properties", "BucketEncryption"])],
  [buckets, "not locked", remove(blobs, ["Properties", "ObjectLockConfiguration"])],
  [buckets, "goes with the stack", remove(blobs, ["DeletionPolicy"])],
  [keys, "goes with the stack", set(caKey, ["DeletionPolicy"], "Delete")],
  [keys, "ends in a week", set(caKey, ["Properties", "PendingWindowInDays"], 7)],
  [queues, "not encrypted", remove(outboxQueue, ["Properties", "KmsMasterKeyId"])],
  [queues, "no TLS", drop({ stack: "core", type: "SQS::QueuePolicy", id: "OutboxWakesQueuePolicy" })],
  [queues, "no dead letters", remove(outboxQueue, ["Properties", "RedrivePolicy"])],
  [queues, "shown again too soon", set(outboxQueue, ["Properties", "VisibilityTimeout"], 120)],
  [
    queues,
    "one failure, all again",
    remove({ stack: "core", type: "Lambda::EventSourceMapping", id: "OutboxWakesRings" }, [
      "Properties",
      "FunctionResponseTypes",
    ]),
  ],

  [
    throttles,
    "more than runs at once",
    set(
      { stack: "core", type: "ApiGatewayV2::Stage", id: "AcmeApiStage" },
      ["Properties", "DefaultRouteSettings", "ThrottlingBurstLimit"],
      5000,
    ),
  ],
  [
    throttles,
    "no throttle",
    remove({ stack: "core", type: "ApiGatewayV2::Stage", id: "AcmeApiStage" }, ["Properties", "DefaultRouteSettings"]),
  ],
  [throttles, "all of the account", set(acme, ["Properties", "ReservedConcurrentExecutions"], 990)],
  [throttles, "nothing reserved", remove(acme, ["Properties", "ReservedConcurrentExecutions"])],
  [
    sizes,
    "450 resources",
    (templates) => {
      for (let n = 0; n < 450; n += 1) add("core", `Extra${n}`, "SQS::Queue", {})(templates);
    },
  ],
  [
    sizes,
    "a managed policy too long",
    append(
      { stack: "core", type: "IAM::ManagedPolicy", id: "Boundary" },
      ["Properties", "PolicyDocument", "Statement"],
      allow("sqs:SendMessage", "x".repeat(6200)),
    ),
  ],
  [sizes, "inline policies too long", append(acmeRole, inline, allow("sqs:SendMessage", "x".repeat(10_300)))],

  [
    oneDirection,
    "data imports from core",
    append(tenantRole, [...inline, "#OwnItems", "Resource"], "<core/Failures.Arn>"),
  ],
  [
    cheapWhenIdle,
    "six more keys",
    (templates) => {
      for (let n = 0; n < 6; n += 1) add("core", `Extra${n}`, "KMS::Key", {})(templates);
    },
  ],
  [cheapWhenIdle, "a load balancer", add("core", "Extra", "ElasticLoadBalancingV2::LoadBalancer", {})],
  [oneDirection, "core imports from the keys", set(acme, ["Properties", "KmsKeyArn"], "<keys/SignerDataKey.Arn>")],
  [oneDirection, "an import that nobody exports", set(acme, ["Properties", "KmsKeyArn"], "<no export x>")],
];
