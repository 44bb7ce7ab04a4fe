/** What must not be lost: tables, blobs, the keys that they are encrypted under, and the role by which tenants reach them. */
import { lambdaFunctions } from "#functions/registry";
import { Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { itemTable } from "../constructs/item-table.ts";
import { administrationByAccount, logsOf, throughServices } from "../constructs/key-policy.ts";
import { privateBucket } from "../constructs/private-bucket.ts";
import { grantOwnBlobs, tenantRole } from "../constructs/tenant-role.ts";
import type { Deployment } from "../context.ts";
import { profiles } from "../profile.ts";

export interface DataProps extends StackProps {
  readonly deployment: Deployment;
}

/** The bridge is no entry of the registry: its task acts for tenants too, when there is one. */
export const bridgeRole = "bridge";

export class DataStack extends Stack {
  /** Tables, blobs, queues and logs. */
  readonly dataKey: Key;
  /** HMAC: what it makes of a fixed text is the secret that fingerprints derive from. */
  readonly hostKey: Key;
  readonly coreTable: TableV2;
  readonly directoryTable: TableV2;
  readonly blobBucket: Bucket & IBucket;
  /** S3's and CloudFront's access logs. */
  readonly accessLogs: Bucket & IBucket;
  readonly tenantRole: Role;

  constructor(scope: Construct, id: string, { deployment, ...props }: DataProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { name, profile } = deployment;
    const { objectLock, recoveryDays } = profiles[profile];
    const kept = { removalPolicy: RemovalPolicy.RETAIN, pendingWindow: Duration.days(30) };

    this.dataKey = new Key(this, "DataKey", {
      ...kept,
      alias: `${name}/data`,
      description: `${name}: tables, blobs, queues, logs`,
      enableKeyRotation: true,
      policy: new PolicyDocument({
        statements: [administrationByAccount(), ...throughServices(["dynamodb", "s3", "sqs", "lambda"]), logsOf(name)],
      }),
    });
    this.hostKey = new Key(this, "HostKey", {
      ...kept,
      alias: `${name}/host`,
      description: `${name}: secret that fingerprints and enrolment secrets derive from`,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      multiRegion: true,
      policy: new PolicyDocument({
        statements: [
          administrationByAccount(),
          new PolicyStatement({
            sid: "Mac",
            principals: [new AccountRootPrincipal()],
            actions: ["kms:GenerateMac"],
            resources: ["*"],
            conditions: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
          }),
        ],
      }),
    });

    const table = { encryptionKey: this.dataKey, recoveryDays, view: true };
    this.coreTable = itemTable(this, "CoreTable", { ...table, tableName: `${name}-core`, stream: true });
    this.directoryTable = itemTable(this, "DirectoryTable", {
      ...table,
      tableName: `${name}-directory`,
      stream: false,
    });

    this.accessLogs = privateBucket(this, "AccessLogs", { replacedDays: 1, expireDays: 400 });
    this.blobBucket = privateBucket(this, "Blobs", {
      encryptionKey: this.dataKey,
      accessLogs: this.accessLogs,
      objectLock,
      replacedDays: 30,
    });

    this.tenantRole = tenantRole(this, {
      deployment,
      table: this.coreTable,
      blobs: this.blobBucket,
      dataKey: this.dataKey,
      assumedBy: [
        ...lambdaFunctions
          .filter(({ ports }) => ports.includes("table") || ports.includes("blob"))
          .map((entry) => entry.name),
        ...(deployment.bridge ? [bridgeRole] : []),
      ],
    });
    grantOwnBlobs(this.blobBucket, this.tenantRole);
  }
}
