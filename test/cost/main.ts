/** `npm run cost`: counts anew and writes docs/cost.md. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertPinnedRuntime, root } from "../../toolchain/runtime.mjs";

assertPinnedRuntime();
const { measure } = await import("./measure.ts");
const { costPage } = await import("./page.ts");

const page = join(root, "docs", "cost.md");
writeFileSync(page, costPage(await measure()));
const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
spawnSync(process.execPath, [biome, "format", "--write", page], { cwd: root, stdio: "inherit" });
