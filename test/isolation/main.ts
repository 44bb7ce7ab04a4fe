/** `npm run test:isolation`: in front of the DynamoDB of the tests; with `--account` in an AWS account (docs/aws.md). */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { assertPinnedRuntime, root } from "../../toolchain/runtime.mjs";

assertPinnedRuntime();
const { accountSettings } = await import("./account/settings.ts");

const wishes = process.argv.slice(2);
if (wishes.some((wish) => wish !== "--account")) {
  process.stderr.write(`usage: npm run test:isolation [-- --account], got ${wishes.join(" ")}\n`);
  process.exit(2);
}
const onAccount = wishes.length > 0;
try {
  if (onAccount) accountSettings(process.env);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
const project = onAccount ? "account" : "isolation";
const { status } = spawnSync(process.execPath, [join(root, "toolchain", "test.mjs"), project], { stdio: "inherit" });
process.exitCode = status ?? 1;
