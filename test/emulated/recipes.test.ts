/** The commands of docs/aws.md that lead to the first certificate, run as they stand there: only the URL is the emulator's. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { succeed } from "#test/run";
import { root } from "../../toolchain/runtime.mjs";
import { deployment } from "./deployed.ts";

const page = readFileSync(join(root, "docs", "aws.md"), "utf8");
const [, section = ""] = /^## From an empty account.*?$(.*?)^## /ms.exec(page) ?? [];
const [bootstrap = "", deploy = "", first = "", issuers = ""] = [...section.matchAll(/^```\n(.*?)^```$/gms)].map(
  ([, block = ""]) => block,
);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "tc-recipe-"));
  // The recipes are for who stands in the clone; here they stand elsewhere.
  const npx = join(directory, "npx");
  writeFileSync(
    npx,
    `#!/bin/sh\n[ "$1" = trstctl ] || exit 64\nshift\nexec '${process.execPath}' '${root}/cli/trstctl.mjs' "$@"\n`,
  );
  chmodSync(npx, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("deploy as the test did", () => {
  const { deployedWith } = deployment();
  const words = (line: string): string[] => line.trim().split(" ");
  expect(words(bootstrap).slice(0, 3)).toEqual(["npx", "cdk", "bootstrap"]);
  expect(words(deploy).slice(4)).toEqual(deployedWith);
});

it("lead from the first token to a certificate that verifies, and to issuers in KMS and wrapped by it", async () => {
  const { publicUrl, caFile, environment } = deployment();
  const script = first.replace("https://d111111abcdef8.cloudfront.net", publicUrl);
  expect(script).not.toBe(first);
  const env = {
    ...environment,
    PATH: `${directory}:${process.env["PATH"] ?? ""}`,
    HOME: directory,
    TRSTCTL_CA_FILE: caFile,
  };
  const printed = await succeed("sh", ["-e", "-c", script + issuers], { cwd: directory, env });
  expect(printed).toContain("app.pem: OK");
  expect(printed).toMatch(/In KMS/);
});
