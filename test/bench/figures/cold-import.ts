import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lambdaFunctions } from "#functions/registry";
import { buildBundles } from "#infra/aws/bundles";
import { run } from "#test/run";
import { atMost, type Figure, type Line } from "../figure.ts";

/** CPU, user and system, that a fresh process spends on the import of a bundle: what a cold start costs before its first call. */
const program = `
const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
process.exit();`;

export const coldImport: Figure = {
  name: "cold_import_api",
  title: "CPU to import each function's bundle in a new process",
  async measure({ quick }) {
    const directory = mkdtempSync(join(tmpdir(), "bundles-"));
    try {
      const bundles = await buildBundles(lambdaFunctions, directory);
      const lines: Line[] = [];
      for (const { name, directory: at } of bundles) {
        const samples: number[] = [];
        for (let n = 0; n < (quick ? 3 : 9); n++) {
          const entry = pathToFileURL(join(at, "index.mjs")).href;
          const { code, stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program, entry]);
          if (code !== 0) throw new Error(`${name} does not load: ${stderr}`);
          samples.push(Number(stdout.trim().split("\n").at(-1)));
        }
        lines.push({ figure: `cold_import_${name.replaceAll("-", "_")}`, unit: "ms CPU", goal: atMost(130), samples });
      }
      return lines;
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};
