/** Where the suite runs in an account; named as the functions' own settings are. */
export interface AccountSettings {
  readonly region: string;
  readonly core: string;
  readonly otherTables: readonly string[];
  readonly roleArn: string;
  readonly account: string;
}

const wanted = {
  AWS_REGION: "the deployment's Region",
  TRSTCTL_CORE_TABLE: "name of the core table",
  TRSTCTL_DIRECTORY_TABLE: "name of the directory table",
  TRSTCTL_JOURNAL_TABLE: "name of the signer's journal table",
  TRSTCTL_TENANT_ROLE_ARN: "a role with the tenant role's policies that you may assume with the tag `tenant`",
} as const;

/** @throws Error that names every variable that is missing or wrong. */
export function accountSettings(env: Readonly<Record<string, string | undefined>>): AccountSettings {
  const problems = Object.entries(wanted).flatMap(([name, what]) => (env[name] ? [] : [`  ${name}: ${what}`]));
  const roleArn = env["TRSTCTL_TENANT_ROLE_ARN"] ?? "";
  const [, account = ""] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/.+$/.exec(roleArn) ?? [];
  if (roleArn !== "" && account === "") problems.push("  TRSTCTL_TENANT_ROLE_ARN: not the ARN of a role");
  if (problems.length > 0)
    throw new Error(
      `the isolation suite needs an account to run in (docs/aws.md, "Tenant isolation"); set\n${problems.join("\n")}`,
    );
  return {
    region: env["AWS_REGION"] ?? "",
    core: env["TRSTCTL_CORE_TABLE"] ?? "",
    otherTables: [env["TRSTCTL_DIRECTORY_TABLE"] ?? "", env["TRSTCTL_JOURNAL_TABLE"] ?? ""],
    roleArn,
    account,
  };
}
