/**
 * `npm run deploy -- [--yes] -c name=value …`: what an operator runs, first and for every upgrade. Looks at contexts, credentials
 * and preparation before it builds anything, shows each stack's changes and asks, deploys, and puts the console in its place.
 */
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { assertPinnedRuntime, root } from "../../../toolchain/runtime.mjs";
import { givenIn } from "../arguments.ts";
import { ContextError, deploymentOf } from "../context.ts";
import { stackName } from "../names.ts";
import { webAclOutput } from "../stacks/waf.ts";
import { synthesize } from "../synthesize.ts";
import { NotReady, placeOf, requireBootstrap } from "./account.ts";
import { cdkDeploy } from "./cli.ts";
import { storeConsole } from "./console-files.ts";

assertPinnedRuntime();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function deploy(words: readonly string[]): Promise<void> {
  const { context, values } = givenIn(words, { yes: { type: "boolean", short: "y" } });
  const ask = values["yes"] !== true;
  if (ask && !process.stdin.isTTY)
    throw new NotReady(
      "changes are shown and asked about, which needs a terminal. Say --yes to deploy without being asked.",
    );
  const deployment = deploymentOf(context);
  const place = await placeOf(deployment, process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"]);
  const { account, region } = place;
  say(`${deployment.name} (${deployment.profile}) goes to account ${account}, ${region}, as ${place.identity}`);
  await requireBootstrap(place);
  if (deployment.profile !== "minimal") await requireBootstrap({ ...place, region: "us-east-1" });

  const { directory, stacks, problems } = await synthesize({ context, outdir: join(root, ".cache", "cdk.out") });
  if (problems.length > 0) throw new NotReady(`the templates do not hold:\n  ${problems.join("\n  ")}`);

  const waf = stackName(deployment, "waf");
  const edge = stackName(deployment, "edge");
  const parameters: string[] = [];
  if (stacks.some(({ name }) => name === waf)) {
    const put = cdkDeploy({ directory, stacks: [waf], region: "us-east-1", ask });
    parameters.push(`${edge}:${webAclOutput}=${put[waf]?.[webAclOutput] ?? ""}`);
  }
  const others = stacks.map(({ name }) => name).filter((name) => name !== waf);
  const outputs = cdkDeploy({ directory, stacks: others, region, ask, parameters });
  const { ConsoleBucket: bucket = "", PublicUrl: publicUrl = "" } = outputs[edge] ?? {};
  const files = await storeConsole(new S3Client({ region }), bucket, join(root, "web", "dist"));
  say(`console: ${files} files`);
  say(`deployed: ${publicUrl}`);
  say(`next: npx trstctl token create --stack ${deployment.name} --region ${region} --tenant <name>`);
}

try {
  await deploy(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ContextError || error instanceof NotReady)) throw error;
  process.stderr.write(`trstctl: ${error.message}\n`);
  process.exitCode = 1;
}
