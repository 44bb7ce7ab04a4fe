/**
 * Runs the tests of the named projects (all when none is named) and ends with one line, `N passed, N failed`. An argument
 * with a slash is no project but part of the files' paths; with `--names` every test that passed is named too.
 *
 * A skipped test, a file that did not load and an error outside every test count as failed: what was not shown to work
 * did not pass. Exit code 0 means that something passed and nothing failed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { assertPinnedRuntime, root } from "./runtime.mjs";

assertPinnedRuntime();

const folder = mkdtempSync(join(tmpdir(), "trstctl-test-"));
const report = join(folder, "report.json");
const named = process.argv.includes("--names");
const projects = process.argv
  .slice(2)
  .filter((argument) => argument !== "--names")
  .map((argument) => (argument.includes("/") ? argument : `--project=${argument}`));
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    ...projects,
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
const { passed, failures } = summarise(report);
if (named) for (const name of passed) process.stdout.write(`passed ${name}\n`);
rmSync(folder, { recursive: true });
if (status !== 0 && failures.length === 0)
  failures.push(`vitest ended with ${status} though no test failed; see above`);
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(`${passed.length} passed, ${failures.length} failed\n`);
process.exitCode = passed.length > 0 && failures.length === 0 ? 0 : 1;

function summarise(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, "utf8")).testResults;
  } catch {
    return { passed: [], failures: ["vitest wrote no report"] };
  }
  const passed = [];
  const failures = [];
  for (const { name, status, assertionResults } of results) {
    const source = relative(root, name);
    const notPassed = assertionResults.filter((test) => test.status !== "passed");
    const ofFile = (test) => `${source}: ${test.fullName}`;
    passed.push(...assertionResults.filter((test) => test.status === "passed").map(ofFile));
    failures.push(...notPassed.map((test) => `${ofFile(test)} (${test.status})`));
    if (notPassed.length === 0 && (status !== "passed" || assertionResults.length === 0)) {
      failures.push(`${source}: the file did not run to its end`);
    }
  }
  return { passed, failures };
}
