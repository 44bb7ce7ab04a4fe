/**
 * Runs the models of test/model/ for longer than `npm run check` does:
 *
 *   npm run test:model -- --runs N --seed S [--commands C] [--only spine] [--path P --replay R]
 *
 * `--commands` is the most of one run. A failure prints seed, path and replayPath: given back, they go straight to the
 * counterexample. The last line is `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assertPinnedRuntime, root } from "./runtime.mjs";

assertPinnedRuntime();

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    commands: { type: "string", default: "50" },
    only: { type: "string" },
    path: { type: "string" },
    replay: { type: "string" },
  },
});
for (const name of ["runs", "seed", "commands"]) {
  const value = values[name];
  if (!/^-?\d+$/.test(value)) throw new TypeError(`--${name} is a whole number, got ${JSON.stringify(value)}`);
}
process.stdout.write(`runs ${values.runs}, commands ${values.commands}, seed ${values.seed}\n`);
const { status } = spawnSync(
  process.execPath,
  [join(root, "toolchain", "test.mjs"), "model", ...(values.only === undefined ? [] : [`test/model/${values.only}`])],
  {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      // The stores are thrown away, and no test here cuts the power.
      ...(inMemory() && { TMPDIR: "/dev/shm" }),
      TRSTCTL_MODEL_RUNS: values.runs,
      TRSTCTL_MODEL_SEED: values.seed,
      TRSTCTL_MODEL_COMMANDS: values.commands,
      ...(values.path !== undefined && { TRSTCTL_MODEL_PATH: values.path }),
      ...(values.replay !== undefined && { TRSTCTL_MODEL_REPLAY: values.replay }),
    },
  },
);
process.exitCode = status ?? 1;

function inMemory() {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
