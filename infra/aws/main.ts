/**
 * The CDK app. By itself (`npm run synth -- -c name=value …`) it writes the templates to `.cache/cdk.out` and says what it found; run
 * by the CDK CLI (`cdk.json`) it writes them where the CLI wants them.
 */
import { join } from "node:path";
import { assertPinnedRuntime, root } from "../../toolchain/runtime.mjs";
import { givenIn } from "./arguments.ts";
import { ContextError } from "./context.ts";
import { synthesize } from "./synthesize.ts";

assertPinnedRuntime();

const started = performance.now();
const byCli = process.env["CDK_OUTDIR"] !== undefined;

try {
  const { context, values } = givenIn(process.argv.slice(2), { out: { type: "string" } });
  const out = typeof values["out"] === "string" ? values["out"] : join(root, ".cache", "cdk.out");
  const { stacks, acknowledged, problems, directory } = await synthesize({ context, ...(!byCli && { outdir: out }) });
  for (const problem of problems) process.stderr.write(`FAILED ${problem}\n`);
  if (!byCli) {
    for (const { name, resources } of stacks) process.stdout.write(`${name}: ${resources} resources\n`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      problems.length === 0
        ? `synth passed in ${seconds} s: ${stacks.length} stacks in ${directory}, ${acknowledged} findings acknowledged\n`
        : `synth failed in ${seconds} s: ${problems.length} problems\n`,
    );
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ContextError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
