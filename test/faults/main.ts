/** `npm run test:faults -- [--rounds N] [--seed S] [--only <fault>]`; ends with what was acknowledged, lost and doubled. */
import { parseArgs } from "node:util";
import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
assertPinnedRuntime();
const { runRounds } = await import("./run.ts");
const { faults } = await import("./faults.ts");

const usage = `npm run test:faults -- [--rounds N] [--seed S] [--only <fault>]
  --rounds N      default 50
  --seed S        default: of this moment; it is printed
  --only <fault>  ${faults.map(({ name }) => name).join(", ")}
`;

function optionsOf(args: readonly string[]): { rounds: number; seed: number; only: string | undefined } | undefined {
  const number = (text: string | undefined, fallback: number): number =>
    text === undefined ? fallback : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { rounds: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
    });
    const rounds = number(values.rounds, 50);
    const seed = number(values.seed, Date.now() % 1_000_000_000);
    const known = values.only === undefined || faults.some(({ name }) => name === values.only);
    return rounds > 0 && seed >= 0 && known ? { rounds, seed, only: values.only } : undefined;
  } catch {
    return undefined;
  }
}

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(usage);
  process.exit(2);
}
const { rounds, seed, only } = options;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const tally = await runRounds(rounds, seed, only, say);
if (tally.wrong > 0) say(`${tally.wrong} checks failed in another way`);
say(`rounds ${tally.rounds}, acknowledged ${tally.acknowledged}, lost ${tally.lost}, doubled ${tally.doubled}`);
process.exit(tally.lost + tally.doubled + tally.wrong === 0 && tally.rounds === rounds ? 0 : 1);
