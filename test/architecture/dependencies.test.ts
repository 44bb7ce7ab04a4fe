import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { missingFromLock } from "../../toolchain/complete-lock.mjs";
import { root } from "../../toolchain/runtime.mjs";

const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const manifest = JSON.parse(read("package.json"));
/** Of what is built by who uses PKCS#11, by a lock of its own. */
const pkcs11 = ["toolchain", "pkcs11"] as const;
const direct: Readonly<Record<string, string>> = {
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
  ...JSON.parse(read(...pkcs11, "package.json")).dependencies,
};

describe("dependencies", () => {
  it("are pinned exactly", () => {
    expect(Object.entries(direct).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("each have a complete row in docs/dependencies.md with that version, and no row has no dependency", () => {
    const rows = read("docs", "dependencies.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) =>
        line
          .split("|")
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(rows.filter((cells) => cells.length !== 5 || cells.includes(""))).toEqual([]);
    const documented = rows.map(([name = "", ...cells]) => [name.replaceAll("`", ""), ...cells.slice(0, 2)].join(" "));
    const installed = Object.entries(direct).map(([name, version]) => [name, version, licenceOf(name)].join(" "));
    expect(documented.toSorted()).toEqual(installed.toSorted());
  });

  it("are all in the lock for every platform (else: npm run lock)", () => {
    expect(missingFromLock(JSON.parse(read("package-lock.json")))).toEqual([]);
  });
});

/** From the lock, because a package of another platform is not installed. */
function licenceOf(name: string): string {
  const locks = [read("package-lock.json"), read(...pkcs11, "package-lock.json")].map(
    (text) => JSON.parse(text).packages,
  );
  const { license } = locks.map((packages) => packages[`node_modules/${name}`]).find((entry) => entry !== undefined);
  return license.replace(/^\((.*)\)$/, "$1");
}
