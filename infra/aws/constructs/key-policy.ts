/**
 * Statements of key policies. `*` as their resource means the key that has the policy, and nothing else.
 *
 * No statement leaves `kms:Sign`, `kms:CreateGrant` or a decryption to IAM as a whole: what is not named here for a role or
 * a service, nobody has.
 */
import { Aws } from "aws-cdk-lib";
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";

/** What does not change what a key is for, nor whether it lives. */
const housekeeping = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:EnableKey",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListGrants",
  "kms:ListKeyPolicies",
  "kms:ListResourceTags",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** What can end a key, or hand it on: a replica would come with a policy of its own. */
const dangerous = [
  "kms:DeleteImportedKeyMaterial",
  "kms:DisableKey",
  "kms:PutKeyPolicy",
  "kms:ReplicateKey",
  "kms:ScheduleKeyDeletion",
  "kms:UpdatePrimaryRegion",
];

/** What services do with a symmetric key for one who may reach the data there. */
export const dataKeyActions = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** The account's administrators, by their IAM policies. */
export const housekeepingByAccount = (): PolicyStatement =>
  new PolicyStatement({
    sid: "Housekeeping",
    principals: [new AccountRootPrincipal()],
    actions: housekeeping,
    resources: ["*"],
  });

/** The same for keys that encrypt data: their policy may be changed, and they be ended, by the account's administrators. */
export const administrationByAccount = (): PolicyStatement =>
  new PolicyStatement({
    sid: "Administration",
    principals: [new AccountRootPrincipal()],
    actions: [
      ...housekeeping,
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKeyRotation",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:ScheduleKeyDeletion",
    ],
    resources: ["*"],
  });

/** Roles whose own policies say so, and only through these services. */
export const throughServices = (services: readonly string[]): PolicyStatement[] => {
  const conditions = { StringEquals: { "kms:ViaService": services.map(viaService) } };
  const principals = [new AccountRootPrincipal()];
  return [
    new PolicyStatement({ sid: "Data", principals, actions: dataKeyActions, resources: ["*"], conditions }),
    new PolicyStatement({
      sid: "GrantsOfServices",
      principals,
      actions: ["kms:CreateGrant"],
      resources: ["*"],
      conditions: { ...conditions, Bool: { "kms:GrantIsForAWSResource": "true" } },
    }),
  ];
};

export const viaService = (service: string): string => `${service}.${Aws.REGION}.amazonaws.com`;

/** CloudWatch Logs, for the log groups of this deployment. */
export const logsOf = (deployment: string): PolicyStatement =>
  new PolicyStatement({
    sid: "Logs",
    principals: [new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
    actions: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    resources: ["*"],
    conditions: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:/*/${deployment}-*`,
      },
    },
  });

/**
 * Ends and changes are for the break-glass role, and everybody else is told no whatever their own policies say.
 *
 * @param deployers who may change the policy, beside it
 */
export const dangerousOnlyFor = (breakGlass: string, deployers: readonly string[]): PolicyStatement[] => [
  new PolicyStatement({
    sid: "BreakGlass",
    principals: [new AccountRootPrincipal()],
    actions: dangerous,
    resources: ["*"],
    conditions: { ArnEquals: { "aws:PrincipalArn": breakGlass } },
  }),
  ...(deployers.length === 0
    ? []
    : [
        new PolicyStatement({
          sid: "PolicyByDeployment",
          principals: [new AccountRootPrincipal()],
          actions: ["kms:PutKeyPolicy"],
          resources: ["*"],
          conditions: { ArnEquals: { "aws:PrincipalArn": deployers } },
        }),
      ]),
  new PolicyStatement({
    sid: "NoEndButBreakGlass",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: dangerous.filter((action) => action !== "kms:PutKeyPolicy"),
    resources: ["*"],
    conditions: { ArnNotEquals: { "aws:PrincipalArn": breakGlass } },
  }),
  new PolicyStatement({
    sid: "NoOtherPolicy",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["kms:PutKeyPolicy"],
    resources: ["*"],
    conditions: { ArnNotEquals: { "aws:PrincipalArn": [breakGlass, ...deployers] } },
  }),
];

/** Whoever imports a key's material knows it for ever. */
export const importOnlyFor = (importer: string): PolicyStatement[] => [
  new PolicyStatement({
    sid: "Import",
    principals: [new AccountRootPrincipal()],
    actions: ["kms:GetParametersForImport", "kms:GetPublicKey", "kms:ImportKeyMaterial"],
    resources: ["*"],
    conditions: { ArnEquals: { "aws:PrincipalArn": importer } },
  }),
  new PolicyStatement({
    sid: "NobodyElseImports",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["kms:ImportKeyMaterial"],
    resources: ["*"],
    conditions: { ArnNotEquals: { "aws:PrincipalArn": importer } },
  }),
];
