/** `npm run tools`: everything of others that the suites use, so that suites can then run side by side. */
import { assertPinnedRuntime } from "../../../toolchain/runtime.mjs";

assertPinnedRuntime();
const { default: installTools } = await import("../install-tools.ts");
await installTools();
