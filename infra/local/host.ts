/** The host's process: started by the supervisor, ends with it. */
import "../../toolchain/no-inspector.mjs";
import module from "node:module";
import { hostConfig } from "#shared/contracts/config/host";
import { loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
import { startHost } from "./compose.ts";
import type { Mode } from "./profile.ts";
import { report } from "./report.ts";

assertPinnedRuntime();

const exitMisconfigured = 78;

try {
  const mode: Mode = process.env["TRSTCTL_MODE"] === "serve" ? "serve" : "up";
  const host = await startHost(mode, loadConfig(hostConfig, process.env, ["TRSTCTL_MODE"]), process.env);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await host.stop();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => undefined); // the terminal tells everybody; the supervisor decides
  process.stdin.resume();
  process.stdin.on("end", () => void stop());
  process.on("unhandledRejection", (error) => report(error, { function: "host", what: "unhandled rejection" }));
  module.flushCompileCache();
  process.stdout.write(`${JSON.stringify(host.facts)}\n`);
} catch (error) {
  process.stderr.write(
    `trstctl: ${error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  const hopeless = error instanceof Failure && (error.code === "misconfigured" || error.code === "corrupt");
  process.exit(hopeless ? exitMisconfigured : 1);
}
