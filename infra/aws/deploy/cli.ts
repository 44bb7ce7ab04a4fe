/** The pinned CDK CLI over an assembly that is there already. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotReady } from "./account.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface CdkDeploy {
  /** The assembly. */
  readonly directory: string;
  readonly stacks: readonly string[];
  readonly region: string;
  /** Changes are shown, and a human is asked before each stack. */
  readonly ask: boolean;
  /** `<stack>:<parameter>=<value>` */
  readonly parameters?: readonly string[];
}

export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * @returns what the stacks put out, by stack
 * @throws NotReady when the CLI does not succeed; it has said why
 */
export function cdkDeploy({ directory, stacks, region, ask, parameters = [] }: CdkDeploy): Outputs {
  const outputs = join(directory, "outputs.json");
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules", "aws-cdk", "bin", "cdk"),
      "deploy",
      ...stacks,
      "--app",
      directory,
      "--exclusively",
      "--require-approval",
      ask ? "any-change" : "never",
      "--outputs-file",
      outputs,
      ...parameters.flatMap((parameter) => ["--parameters", parameter]),
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region, CDK_DISABLE_CLI_TELEMETRY: "true" },
    },
  );
  if (status !== 0)
    throw new NotReady(
      `the CDK CLI ended with ${status}; see above. Stacks that were done stay; run the same again when it is mended.`,
    );
  return JSON.parse(readFileSync(outputs, "utf8")) as Outputs;
}
