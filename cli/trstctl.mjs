#!/usr/bin/env node
/**
 * The bin of the clone. On any Node ≥ 20 it makes sure of the pinned Node and starts itself again on it; there it runs
 * main.ts. So `npx trstctl` works in a fresh clone, before anything is installed.
 */
import "../toolchain/no-inspector.mjs";
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import module from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOrExit, staleness } from "../toolchain/install.mjs";
import { assertPinnedRuntime, pinnedNode, root, runtimeProblem } from "../toolchain/runtime.mjs";

if (staleness() !== undefined) {
  installOrExit();
  startOnPinnedNode();
} else if (runtimeProblem() === undefined) {
  module.enableCompileCache(join(root, "node_modules", ".cache", "trstctl"));
  await import("./main.ts");
} else if (process.execPath === realpathSync(pinnedNode)) {
  assertPinnedRuntime();
} else {
  startOnPinnedNode();
}

function startOnPinnedNode() {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(pinnedNode, [...process.execArgv, self, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends its signals to the whole process group, the child included; `kill` reaches only this process.
  const fromTerminal = process.stdin.isTTY === true;
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    const typed = signal === "SIGINT" || signal === "SIGQUIT";
    process.on(signal, () => {
      if (!(typed && fromTerminal)) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`trstctl: ${pinnedNode} cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}
