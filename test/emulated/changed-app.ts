/** The app as it is deployed, but for one function: what it answers carries a header more. `cdk --app` runs this. */
import { cpSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "aws-cdk-lib/aws-lambda";
import { lambdaFunctions } from "#functions/registry";
import { newApp, stacksOf } from "../../infra/aws/app.ts";
import { buildBundles } from "../../infra/aws/bundles.ts";
import { deploymentOfApp } from "../../infra/aws/context.ts";

const wrapper = `import { handler as before } from "./before.mjs";
export const handler = async (event, context) => {
  const answer = await before(event, context);
  return { ...answer, multiValueHeaders: { ...answer.multiValueHeaders, "x-changed": ["yes"] } };
};
`;

/** Another folder, as the bundles of the app as it is stay what they are. */
function changed(bundle: string): string {
  const directory = mkdtempSync(join(tmpdir(), "tc-changed-"));
  cpSync(bundle, directory, { recursive: true });
  renameSync(join(directory, "index.mjs"), join(directory, "before.mjs"));
  writeFileSync(join(directory, "index.mjs"), wrapper);
  return directory;
}

const app = newApp();
const bundles = await buildBundles(lambdaFunctions);
const folders = new Map(bundles.map(({ name, directory }) => [name, directory]));
stacksOf(app, deploymentOfApp(app.node), ({ name }) => {
  const folder = folders.get(name) ?? "";
  return Code.fromAsset(name === "api" ? changed(folder) : folder);
});
app.synth();
