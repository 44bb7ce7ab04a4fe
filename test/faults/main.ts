/** `npm run test:faults -- [--rounds N] [--seed S] [--only <fault>] [--store dynamodb]`; ends with what was acknowledged, lost and doubled. */
import { parseArgs } from "node:util";
import { assertPinnedRuntime } from "../../toolchain/runtime.mjs";
assertPinnedRuntime();
const { runRounds } = await import("./run.ts");
const { runDynamoRounds } = await import("./dynamodb/rounds.ts");
const { faults } = await import("./faults.ts");

const usage = `npm run test:faults -- [--rounds N] [--seed S] [--only <fault> | --store dynamodb]
  --rounds N      default 50
  --seed S        default: of this moment; it is printed
  --only <fault>  ${faults.map(({ name }) => name).join(", ")}
  --store dynamodb  several processes at one DynamoDB (AWS_ENDPOINT_URL, or dynoxide), each killed at any moment
`;

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly only: string | undefined;
  readonly onDynamo: boolean;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const number = (text: string | undefined, fallback: number): number =>
    text === undefined ? fallback : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string" },
        seed: { type: "string" },
        only: { type: "string" },
        store: { type: "string" },
      },
    });
    const rounds = number(values.rounds, 50);
    const seed = number(values.seed, Date.now() % 1_000_000_000);
    const known = values.only === undefined || faults.some(({ name }) => name === values.only);
    const onDynamo = values.store === "dynamodb";
    const stored = values.store === undefined || (onDynamo && values.only === undefined);
    return rounds > 0 && seed >= 0 && known && stored ? { rounds, seed, only: values.only, onDynamo } : undefined;
  } catch {
    return undefined;
  }
}

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(usage);
  process.exit(2);
}
const { rounds, seed, only, onDynamo } = options;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const tally = onDynamo ? await runDynamoRounds(rounds, seed, say) : await runRounds(rounds, seed, only, say);
if (tally.wrong > 0) say(`${tally.wrong} checks failed in another way`);
say(`rounds ${tally.rounds}, acknowledged ${tally.acknowledged}, lost ${tally.lost}, doubled ${tally.doubled}`);
process.exit(tally.lost + tally.doubled + tally.wrong === 0 && tally.rounds === rounds ? 0 : 1);
