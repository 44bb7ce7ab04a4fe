import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";

/** `import { z }` keeps bundlers from leaving out what is unused: 370 KB more in every function (oxlint cannot tell the two apart). */
function wrongImports(text: string): string[] {
  const imports = text.match(/^(?:import|export)\s[^;]*?\sfrom\s+["']zod(?:\/[^"']*)?["']/gm) ?? [];
  return imports.filter((statement) => !/^import (?:type )?\* as z from/.test(statement));
}

describe("zod", () => {
  it("is found when imported by name", () => {
    const planted =
      'import { z } from "zod";\nimport z from "zod";\nimport {\n  type ZodType,\n  z,\n} from "zod";\nexport { z } from "zod";\n';
    expect(wrongImports(planted)).toHaveLength(4);
  });

  it("is imported as a namespace everywhere", () => {
    const files = globSync("{shared,events,signer,functions,infra,bridge,agent,cli}/**/*.ts", { cwd: root });
    const texts = files.map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
    expect(texts.filter(({ text }) => text.includes('import * as z from "zod"')).length).toBeGreaterThan(5);
    expect(texts.filter(({ text }) => wrongImports(text).length > 0).map(({ file }) => file)).toEqual([]);
  });
});
