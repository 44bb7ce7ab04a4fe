/** `npm run bench [-- --json] [--only <figure>] [--quick]`: runs the figures one after another and prints each as it comes. */
import { parseArgs } from "node:util";
import { figures } from "./registry.ts";
import { jsonReport, tableReport } from "./report.ts";
import { openSession } from "./session.ts";

const usage = `npm run bench -- [--json] [--only <figure>] [--quick]
  --json          one JSON object a line: figure, value, unit, goal, met, samples
  --only <figure> ${figures.map(({ name }) => name).join(", ")}
  --quick         short samples: shows that it works, not how fast
`;

/** @returns the exit code: 0, 1 when a figure could not be measured, 2 for wrong arguments; a missed goal is no failure */
export async function bench(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${usage}`);
    return 2;
  }
  const { json, only, quick } = options;
  const report = (json ? jsonReport : tableReport)((text) => process.stdout.write(text));
  const session = openSession(quick);
  let failed = false;
  try {
    for (const figure of figures) {
      if (only !== undefined && figure.name !== only && figure.name !== "yardstick") continue;
      try {
        for (const line of await figure.measure(session)) report.line(line);
      } catch (error) {
        failed = true;
        report.failed(figure);
        process.stderr.write(`${figure.name}: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  } finally {
    await session.close();
  }
  return failed ? 1 : 0;
}

interface Options {
  readonly json: boolean;
  readonly only: string | undefined;
  readonly quick: boolean;
}

/** @returns what is wrong with the arguments, as a text */
function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean" }, only: { type: "string" }, quick: { type: "boolean" } },
    });
    if (values.only !== undefined && !figures.some(({ name }) => name === values.only))
      return `there is no figure ${values.only}`;
    return { json: values.json === true, only: values.only, quick: values.quick === true };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
