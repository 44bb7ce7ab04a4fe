import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
assertPinnedRuntime();
const { drill } = await import("./drill.ts");
process.exitCode = (await drill()) ? 0 : 1;
