/** `npm run bench [-- --json] [--only <figure>] [--quick]`: runs the figures one after another and prints each as it comes. */
import { parseArgs } from "node:util";
import { figures } from "./registry.ts";
import { jsonReport, tableReport } from "./report.ts";
import { openSession } from "./session.ts";

const usual = 20_000;
const few = 1_000;

const usage = `npm run bench -- [--json] [--only <figure>]… [--quick] [--certificates <n>]
  --json          one JSON object a line: figure, value, unit, goal, met, samples
  --only <figure> ${figures.map(({ name }) => name).join(", ")}
  --quick         short samples: shows that it works, not how fast
  --certificates  how many the populated host has; default ${usual} (${few} with --quick)
`;

/** @returns the exit code: 0, 1 when a figure could not be measured, 2 for wrong arguments; a missed goal is no failure */
export async function bench(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n${usage}`);
    return 2;
  }
  const { json, only, quick, certificates } = options;
  const report = (json ? jsonReport : tableReport)((text) => process.stdout.write(text));
  const session = openSession(quick, certificates);
  let failed = false;
  try {
    for (const figure of figures) {
      if (only.length > 0 && !only.includes(figure.name) && figure.name !== "yardstick") continue;
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
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly certificates: number;
}

/** @returns what is wrong with the arguments, as a text */
function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean" },
        only: { type: "string", multiple: true, default: [] },
        quick: { type: "boolean" },
        certificates: { type: "string" },
      },
    });
    const { json = false, only, quick = false } = values;
    const unknown = only.find((wanted) => !figures.some(({ name }) => name === wanted));
    if (unknown !== undefined) return `there is no figure ${unknown}`;
    const certificates = Number(values.certificates ?? (quick ? few : usual));
    if (!(Number.isSafeInteger(certificates) && certificates >= few && certificates <= 9_999_999))
      return `--certificates: a number from ${few} to 9999999`;
    return { json, only, quick, certificates };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
