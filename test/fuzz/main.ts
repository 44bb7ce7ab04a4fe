import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
assertPinnedRuntime();
const { fuzz } = await import("./fuzz.ts");
process.exitCode = await fuzz(process.argv.slice(2));
