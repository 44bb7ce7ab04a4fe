import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";
import { PlantedTree } from "./planted-tree.ts";

it("knip, with our configuration, finds an unused file, an unused export and an undeclared package", () => {
  using tree = new PlantedTree({
    "cli/main.ts": 'import { used } from "#shared/kernel/ids";\nimport "undeclared";\nused();\n',
    "shared/kernel/ids.ts": "export const used = () => 1;\nexport const unused = 1;\n",
    "shared/kernel/forgotten.ts": "export const forgotten = 1;\n",
  });
  cpSync(join(root, "knip.json"), join(tree.folder, "knip.json"));
  const knip = join(root, "node_modules", "knip", "bin", "knip.js");
  const { status, stdout } = spawnSync(
    process.execPath,
    [knip, "--reporter=compact", "--include=files,exports,unlisted"],
    {
      cwd: tree.folder,
      encoding: "utf8",
    },
  );
  expect(status).toBe(1);
  expect(stdout).toContain("shared/kernel/forgotten.ts");
  expect(stdout).toContain("shared/kernel/ids.ts: unused");
  expect(stdout).toMatch(/cli\/main\.ts: undeclared/);
});
