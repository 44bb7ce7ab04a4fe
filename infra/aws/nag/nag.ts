/** cdk-nag's rules over an app: AwsSolutions and Serverless, every finding of which is mended or acknowledged. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Validations } from "aws-cdk-lib";
import type { CloudAssembly } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import type { IConstruct } from "constructs";

export interface Finding {
  /** Path of the construct. */
  readonly at: string;
  readonly id: string;
}

/** Of `validation-report.json`. */
interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath?: string }[];
    }[];
  }[];
}

/**
 * Synthesizes with the rules.
 *
 * @returns undefined for the assembly where an error among the findings kept it from being written; warnings do not
 */
export function synthWithNag(app: App): { readonly assembly: CloudAssembly | undefined; readonly findings: Finding[] } {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  let assembly: CloudAssembly | undefined;
  try {
    assembly = app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.name === "ValidationFailed")) throw error;
  }
  const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")) as Report;
  return {
    assembly,
    findings: report.pluginReports
      .flatMap(({ violations }) => violations)
      .flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath = "" }) => ({ at: constructPath, id: ruleName })),
      ),
  };
}

export interface Acknowledged extends Finding {
  readonly reason: string;
}

/** All that was acknowledged in a tree, by path. */
export function acknowledgedIn(root: IConstruct): Acknowledged[] {
  return root.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      // Constructs of CDK's acknowledge what its own rules find in them.
      .filter(([id]) => /^(AwsSolutions|Serverless)::/.test(id))
      .map(([id, reason]) => ({ at: node.path, id: id.slice(id.indexOf("::") + 2), reason })),
  );
}
