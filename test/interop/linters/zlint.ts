/** zlint over many objects. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "#test/run";
import type { Emitted } from "../emitted.ts";
import { zlintProgram } from "../tools/zlint.ts";
import type { ForeignFinding, Linter } from "./linter.ts";
import { acknowledged } from "./zlint-acknowledged.ts";

const bad = new Set(["warn", "error", "fatal"]);
const together = 100;

type Results = Readonly<Record<string, { readonly result: string; readonly details?: string }>>;

function findingsIn(object: Emitted, line: string): ForeignFinding[] {
  const results = JSON.parse(line) as Results;
  if (!Object.values(results).some(({ result }) => result === "pass"))
    throw new Error(`zlint applied no rule to ${object.name}`);
  return Object.entries(results)
    .filter(([, { result }]) => bad.has(result))
    .map(([code, { result, details = "" }]) => ({ object, code, text: `${result} ${details}` }));
}

/** It ends at the first object that it cannot read: then one by one. */
async function lintFiles(objects: readonly Emitted[], files: readonly string[]): Promise<ForeignFinding[]> {
  const { code, stdout, stderr } = await run(zlintProgram(), files);
  const lines = stdout.trimEnd().split("\n");
  if (code === 0 && lines.length === objects.length)
    return objects.flatMap((object, at) => findingsIn(object, lines[at] as string));
  if (objects.length === 1) return [{ object: objects[0] as Emitted, code: "unreadable", text: stderr.trim() }];
  const one = objects.map((object, at) => lintFiles([object], [files[at] as string]));
  return (await Promise.all(one)).flat();
}

export const zlint: Linter = {
  name: "zlint",
  acknowledged,
  async lint(objects, directory) {
    const files = objects.map(({ der }, at) => {
      const file = join(directory, `${at}.zlint.der`);
      writeFileSync(file, der);
      return file;
    });
    const findings: ForeignFinding[] = [];
    for (let at = 0; at < objects.length; at += together)
      findings.push(...(await lintFiles(objects.slice(at, at + together), files.slice(at, at + together))));
    return findings;
  },
};
