/**
 * The signer and all that is its alone: CA keys in KMS, the key that wraps the others, its journal, what it remembers. May be
 * in an account of its own (context `caAccount`), and so imports nothing of another stack.
 */
import { Aws, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { AccountPrincipal, AccountRootPrincipal, PolicyDocument, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { type CfnKey, Key } from "aws-cdk-lib/aws-kms";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type LambdaFunction, lambdaFunctions } from "#functions/registry";
import { type CaKeyAlgorithm, caKeySpecs } from "../ca-key-algorithms.ts";
import { reservedConcurrency } from "../concurrency.ts";
import { caKey } from "../constructs/ca-key.ts";
import { checkedAlias } from "../constructs/checked-alias.ts";
import { deadLetters } from "../constructs/dead-letters.ts";
import { itemTable } from "../constructs/item-table.ts";
import { administrationByAccount, logsOf, throughServices } from "../constructs/key-policy.ts";
import { privateBucket } from "../constructs/private-bucket.ts";
import { type CodeOf, RegistryFunction, tracingPolicy } from "../constructs/registry-function.ts";
import { wrappingKey } from "../constructs/wrapping-key.ts";
import type { Deployment } from "../context.ts";
import { roleArn, roleName } from "../names.ts";
import { profiles } from "../profile.ts";

export interface KeysProps extends StackProps {
  readonly deployment: Deployment;
  readonly codeOf: CodeOf;
}

export interface CaKey {
  readonly algorithm: CaKeyAlgorithm;
  readonly key: CfnKey;
}

/** Of `cdk bootstrap` with its default qualifier: the role by which CloudFormation deploys. */
const deployRole = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-hnb659fds-cfn-exec-role-${Aws.ACCOUNT_ID}-${Aws.REGION}`;

/** How many of the signer may be at work where nothing is reserved: what a new account can run in all. */
const unreservedProcesses = 10;

export class KeysStack extends Stack {
  readonly signer: RegistryFunction;
  readonly live: Alias;
  readonly dataKey: Key;
  readonly journalTable: TableV2;
  readonly signerBucket: Bucket & IBucket;
  readonly wrappingKey: CfnKey;
  readonly caKeys: readonly CaKey[];
  /** May end keys and change their policies; assumed by a human with a second factor. */
  readonly breakGlass: Role;

  constructor(scope: Construct, id: string, { deployment, codeOf, ...props }: KeysProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { name, profile, caAccount, account } = deployment;
    const { recoveryDays, deployMayChangeKeyPolicies } = profiles[profile];

    this.dataKey = new Key(this, "SignerDataKey", {
      alias: `${name}/signer-data`,
      description: `${name}: the signer's journal, memory and log`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
      pendingWindow: Duration.days(30),
      policy: new PolicyDocument({
        statements: [administrationByAccount(), ...throughServices(["dynamodb", "s3", "sqs"]), logsOf(name)],
      }),
    });
    this.journalTable = itemTable(this, "JournalTable", {
      tableName: `${name}-journal`,
      encryptionKey: this.dataKey,
      recoveryDays,
      view: false,
      stream: false,
    });
    const accessLogs = privateBucket(this, "AccessLogs", { replacedDays: 1, expireDays: 400 });
    this.signerBucket = privateBucket(this, "SignerMemory", {
      encryptionKey: this.dataKey,
      accessLogs,
      replacedDays: 7,
    });

    this.breakGlass = breakGlassRole(this, deployment);
    const guarded = {
      signerRoleArn: roleArn(deployment, "signer"),
      breakGlassArn: roleArn(deployment, "break-glass"),
      deployers: deployMayChangeKeyPolicies ? [deployRole] : [],
    };
    this.wrappingKey = wrappingKey(this, "WrappingKey", { ...guarded, description: `${name}: wraps the keys of CAs` });
    const madeFor = (algorithms: readonly CaKeyAlgorithm[], imported: boolean): CaKey[] =>
      numbered(algorithms).map(({ algorithm, id: keyId }) => ({
        algorithm,
        key: caKey(this, imported ? `Imported${keyId}` : keyId, {
          ...guarded,
          algorithm,
          imported,
          description: `${name}: ${algorithm} key${imported ? ", imported," : ""} for a CA to claim`,
        }),
      }));
    this.caKeys = [...madeFor(deployment.caKeys, false), ...madeFor(deployment.importedCaKeys, true)];

    const entry = entryOf("signer");
    const surroundings = {
      deployment,
      codeOf,
      dataKey: this.dataKey,
      failures: deadLetters(this, "Failures", `${name}-signer-failures`, this.dataKey),
      tracing: tracingPolicy(this),
    };
    this.signer = new RegistryFunction(this, "Signer", {
      ...surroundings,
      entry,
      environment: {
        TRSTCTL_JOURNAL_TABLE: this.journalTable.tableName,
        TRSTCTL_SIGNER_BUCKET: this.signerBucket.bucketName,
        TRSTCTL_WRAPPING_KEY_ID: this.wrappingKey.attrArn,
        TRSTCTL_SIGNER_PROCESSES: String(reservedConcurrency(deployment, entry) ?? unreservedProcesses),
        TRSTCTL_CA_KEYS: deployment.defaultCaKeys,
        TRSTCTL_KMS_KEYS: this.toJsonString(
          this.caKeys.map(({ algorithm, key }) => ({ keyId: key.attrArn, algorithm })),
        ),
      },
      statements: [...this.#journalStatements(), ...this.#keyStatements()],
    });
    this.signerBucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "SignerMemory",
        principals: [this.signer.role],
        actions: ["s3:GetObject", "s3:PutObject"],
        resources: [this.signerBucket.arnForObjects("*")],
      }),
    );

    this.live = checkedAlias(this, { ...surroundings, signer: this.signer, entry: entryOf("signer-check") });
    if (caAccount !== undefined && account !== undefined) {
      // Which roles of the other account may invoke, that account's own policies say.
      this.live.addPermission("OtherAccount", { principal: new AccountPrincipal(account) });
    }
  }

  /** Records are added, never changed, never removed. */
  #journalStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: "Journal",
        actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        resources: [this.journalTable.tableArn],
      }),
      new PolicyStatement({
        sid: "ClosedTotals",
        // What is counted goes once its total stands in the journal (docs/design/0073): `T#<tenant>#B` and nothing else.
        actions: ["dynamodb:DeleteItem"],
        resources: [this.journalTable.tableArn],
        conditions: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#*#B"] },
          Null: { "dynamodb:LeadingKeys": "false" },
        },
      }),
    ];
  }

  /** What the keys' own policies allow to this role, said once more: KMS wants both. */
  #keyStatements(): PolicyStatement[] {
    const wrap = new PolicyStatement({
      sid: "Wrap",
      actions: ["kms:Decrypt", "kms:Encrypt"],
      resources: [this.wrappingKey.attrArn],
      conditions: { Null: { "kms:EncryptionContextKeys": "false" } },
    });
    if (this.caKeys.length === 0) return [wrap];
    const look = new PolicyStatement({
      sid: "Look",
      actions: ["kms:DescribeKey", "kms:GetPublicKey"],
      resources: this.caKeys.map(({ key }) => key.attrArn),
    });
    const sign = this.caKeys.map(
      ({ algorithm, key }) =>
        new PolicyStatement({
          actions: ["kms:Sign"],
          resources: [key.attrArn],
          conditions: {
            StringEquals: {
              "kms:SigningAlgorithm": caKeySpecs[algorithm].signingAlgorithm,
              "kms:MessageType": caKeySpecs[algorithm].messageTypes,
            },
          },
        }),
    );
    return [wrap, look, ...sign];
  }
}

function entryOf(wanted: string): LambdaFunction {
  const entry = lambdaFunctions.find(({ name }) => name === wanted);
  if (entry === undefined) throw new TypeError(`functions/registry.ts has no function \`${wanted}\``);
  return entry;
}

function breakGlassRole(scope: Construct, deployment: Deployment): Role {
  return new Role(scope, "BreakGlass", {
    roleName: roleName(deployment, "break-glass"),
    description: "Ends signing keys and changes their policies; each use is an alarm",
    maxSessionDuration: Duration.hours(1),
    assumedBy: new AccountRootPrincipal().withConditions({ Bool: { "aws:MultiFactorAuthPresent": "true" } }),
  });
}

/** Logical ids that stay when keys of other algorithms come: `CaKeyP256x1`, `CaKeyP256x2`. */
function numbered(algorithms: readonly CaKeyAlgorithm[]): { algorithm: CaKeyAlgorithm; id: string }[] {
  const seen = new Map<CaKeyAlgorithm, number>();
  return algorithms.map((algorithm) => {
    const count = (seen.get(algorithm) ?? 0) + 1;
    seen.set(algorithm, count);
    return { algorithm, id: `CaKey${algorithm.replaceAll("-", "")}x${count}` };
  });
}
