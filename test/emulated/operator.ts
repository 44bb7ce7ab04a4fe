/** An operator's shell in the clone: `npm run deploy` and the CDK's own command line, pointed at the emulator. */
import { delimiter, join } from "node:path";
import { succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";

export interface Operator {
  /** Without the questions. @param contexts `-c`, `name=value`, … @throws Error with everything that it said when it fails */
  deploy(...contexts: readonly string[]): Promise<string>;
  /** `npx cdk …` @throws Error with everything that it said when it fails */
  cdk(...words: readonly string[]): Promise<string>;
}

/**
 * @param environment where AWS is, and who we are there
 * @param home for what the tools want to keep
 */
export function operatorAt(environment: Readonly<Record<string, string>>, home: string): Operator {
  const env = {
    PATH: [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter),
    HOME: home,
    CI: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    ...environment,
  };
  const cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk");
  return {
    deploy: (...contexts) => succeed("npm", ["run", "deploy", "--", "--yes", ...contexts], { cwd: root, env }),
    // Elsewhere than in the clone: there it would run the app first.
    cdk: (...words) => succeed(process.execPath, [cdk, ...words], { cwd: home, env }),
  };
}
