/** zlint over many objects. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "#test/run";
import type { ForeignFinding } from "./acknowledged.ts";
import type { Emitted } from "./emitted.ts";
import { zlintProgram } from "./tools/zlint.ts";

const bad = new Set(["warn", "error", "fatal"]);

/** @returns one row for each object: which rules it breaks. @throws Error when zlint cannot read one */
export async function lintByZlint(objects: readonly Emitted[], directory: string): Promise<ForeignFinding[]> {
  mkdirSync(directory, { recursive: true });
  const files = objects.map(({ der }, at) => {
    const file = join(directory, `${at}.der`);
    writeFileSync(file, der);
    return file;
  });
  const lines = (await succeed(zlintProgram(), files)).trimEnd().split("\n");
  if (lines.length !== objects.length) throw new Error(`zlint: ${objects.length} objects, ${lines.length} answers`);
  return lines.flatMap((line, at) => {
    const object = objects[at] as Emitted;
    const results = JSON.parse(line) as Record<string, { result: string; details?: string }>;
    if (!Object.values(results).some(({ result }) => result === "pass"))
      throw new Error(`zlint applied no rule to ${object.name}`);
    return Object.entries(results)
      .filter(([, { result }]) => bad.has(result))
      .map(([code, { result, details = "" }]) => ({ object, code, text: `${result} ${details}` }));
  });
}
