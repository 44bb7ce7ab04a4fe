import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
assertPinnedRuntime();
// What it measures must not be loaded before the runtime is known to be the pinned one.
const { bench } = await import("./bench.ts");
process.exitCode = await bench(process.argv.slice(2));
