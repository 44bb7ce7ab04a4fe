/** Everything that needs no running system, two at a time: types, lint, format, import rules, dead code, unit tests. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { assertPinnedRuntime, root } from "./runtime.mjs";

assertPinnedRuntime();

const tool = (...path) => join(root, "node_modules", ...path);

/** Longest first, so that two workers end together. */
const checks = [
  { name: "tests", args: [join(root, "toolchain", "test.mjs"), "unit", "architecture", "model"] },
  { name: "lint", args: [tool("oxlint", "bin", "oxlint")] },
  { name: "types", args: [tool("typescript", "bin", "tsc"), "-p", "."] },
  { name: "types of the console", args: [tool("typescript", "bin", "tsc"), "-p", "web"] },
  { name: "types of the console's tests", args: [tool("typescript", "bin", "tsc"), "-p", join("test", "web")] },
  { name: "imports", args: [join(root, "toolchain", "imports.mjs")] },
  { name: "dead code", args: [tool("knip", "bin", "knip.js"), "--no-progress"] },
  { name: "format", args: [tool("@biomejs", "biome", "bin", "biome"), "format", "."] },
];

const started = performance.now();
const failed = [];
const waiting = [...checks];
await Promise.all([worker(), worker()]);
const total = seconds(started);
process.stdout.write(
  failed.length === 0 ? `check passed in ${total}\n` : `check failed in ${total}: ${failed.join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function worker() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const begun = performance.now();
    const { code, output } = await run(check.args);
    if (code !== 0) {
      failed.push(check.name);
      process.stdout.write(output);
    }
    process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds(begun)})\n`);
  }
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => resolve({ code: 1, output: `${error.stack}\n` }));
    child.on("close", (code) => resolve({ code, output: Buffer.concat(output) }));
  });
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
