import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../toolchain/runtime.mjs";

/** A throw-away tree with our configuration, our packages and the given files, to show that a rule fires. */
export class PlantedTree implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "trstctl-planted-"));

  constructor(files: Readonly<Record<string, string>>) {
    for (const name of ["package.json", "tsconfig.json", ".oxlintrc.json"])
      cpSync(join(root, name), join(this.folder, name));
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
