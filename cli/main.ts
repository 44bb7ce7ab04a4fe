/** The process around the CLI; trstctl.mjs imports it once the runtime is the pinned one. */
import { run } from "./program.ts";
import { processTerminal } from "./terminal.ts";

// `trstctl … | head` closes the pipe: no reader, nothing left to do.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), processTerminal());
