import { beforeAll, describe, expect, it } from "vitest";
import { buildWeb } from "../../toolchain/build-web.mjs";
import { builtManifest, initialJavaScript } from "./console-chunks.ts";

const mostBytes = 200_000;
const page = "pages/dashboard/dashboard.tsx";

beforeAll(() => void buildWeb(), 120_000);

describe("JavaScript that a first visit of the console loads", () => {
  it("is at most 200 KB gzip, whichever page is visited", () => {
    const sizes = initialJavaScript(builtManifest());
    expect([...sizes].filter(([, bytes]) => bytes > mostBytes)).toEqual([]);
    expect(sizes.get(page)).toBeGreaterThan(50_000);
  });

  it("is counted with what is imported by imports, each file once, and no other page", () => {
    const manifest = {
      "index.html": { file: "index.js", isEntry: true, imports: ["_shared.js"] },
      "_shared.js": { file: "shared.js", imports: ["_deep.js", "index.html"] },
      "_deep.js": { file: "deep.js" },
      [page]: { file: "dashboard.js", imports: ["_shared.js"] },
      "pages/other.tsx": { file: "other.js" },
    };
    const bytes: Readonly<Record<string, number>> = {
      "index.js": 1,
      "shared.js": 10,
      "deep.js": 100,
      "dashboard.js": 1_000,
      "other.js": 10_000,
    };
    expect(initialJavaScript(manifest, (file) => bytes[file] ?? 0)).toEqual(
      new Map([
        [page, 1_111],
        ["pages/other.tsx", 10_111],
      ]),
    );
  });
});
