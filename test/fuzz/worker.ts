/** Runs one target in a thread of its own, so that a hang can be ended and a crash is no crash of the fuzzer. */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { minimise, readCorpus, writeCorpus } from "./corpus.ts";
import { coverFiles } from "./coverage.ts";
import type { Found, Job, Report } from "./messages.ts";
import { mutateBytes } from "./mutate/bytes.ts";
import { mutateDer } from "./mutate/der.ts";
import { mutateJson } from "./mutate/json.ts";
import { seededRandom } from "./random.ts";
import type { TargetEntry } from "./target.ts";

const mutators = { bytes: mutateBytes, der: mutateDer, json: mutateJson } as const;
/** A corpus that grows by small differences in counts alone only slows the search. */
const largestCorpus = 3_000;
const largestKept = 14_000;
const mostFindings = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
async function heapAfterCollection(): Promise<number> {
  collect();
  await setTimeout(100); // what was closed is let go in a later turn
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const report = (message: Report): void => parentPort?.postMessage(message);

async function work({ registry, target: name, inputs, seed, desk, keep }: Job): Promise<void> {
  const { targets } = (await import(registry)) as { readonly targets: readonly TargetEntry[] };
  const entry = targets.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new TypeError(`there is no target ${name}`);
  const coverage = coverFiles(entry.covers);
  const target = await entry.load();
  coverage.learn(); // what loading it alone reaches
  const { outcome } = await import("./outcome.ts");
  const header = new Uint32Array(desk, 0, 2);
  const shared = new Uint8Array(desk, 8);
  const random = seededRandom(seed);
  const mutate = mutators[target.format ?? "bytes"];
  const dictionary = (target.dictionary ?? []).map((word) => (typeof word === "string" ? Buffer.from(word) : word));
  const { maxBytes = 4_096 } = target;
  const problems = new Set<string>();
  let slowestMs = 0;

  async function run(input: Uint8Array): Promise<boolean> {
    shared.set(input);
    header[1] = input.length;
    Atomics.add(header, 0, 1);
    coverage.clear();
    const started = performance.now();
    const error = await outcome(target, input);
    slowestMs = Math.max(slowestMs, performance.now() - started);
    if (error !== undefined) await found(input, error);
    return coverage.learn();
  }

  async function found(input: Uint8Array, first: unknown): Promise<void> {
    Error.stackTraceLimit = 12;
    const error = (await outcome(target, input)) ?? first;
    Error.stackTraceLimit = 0;
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const place = problem.split("\n").slice(0, 3).join("\n").replaceAll(/\d+/g, "0");
    if (problems.has(place) || problems.size >= mostFindings) return;
    problems.add(place);
    report({ kind: "found", input: new Uint8Array(input), problem } satisfies Found);
  }

  Error.stackTraceLimit = 0; // most inputs are refused, and a stack is the larger part of that
  const kept = readCorpus(name);
  const corpus: Uint8Array[] = [];
  for (const bytes of [...kept.map((one) => one.bytes), ...target.seeds(), new Uint8Array(0)]) {
    await run(bytes);
    corpus.push(bytes);
  }
  async function keepCorpus(): Promise<void> {
    const reaches = [];
    for (const bytes of corpus) {
      await run(bytes);
      reaches.push({ bytes, branches: coverage.reached() });
    }
    Atomics.store(header, 0, 0); // what follows is no input in work
    writeCorpus(
      name,
      minimise(
        reaches,
        kept.filter(({ why }) => why !== undefined),
        largestKept,
      ),
    );
  }

  let heapBefore = 0;
  const started = performance.now();
  for (let n = corpus.length; n < inputs; n++) {
    if (n === Math.max(corpus.length, Math.floor(inputs / 5))) heapBefore = await heapAfterCollection();
    // What was found last leads on more often than what is known for long.
    const from = random.oneIn(3) ? Math.max(0, corpus.length - 20) : 0;
    const any = (): Uint8Array => corpus[from + random.below(corpus.length - from)] as Uint8Array;
    const [one, two] = [any(), any()];
    const base = one.length < two.length ? one : two; // the shorter is quicker, and more of it is what matters
    const input = mutate(base, { random, other: random.pick(corpus), dictionary }).subarray(0, maxBytes);
    if ((await run(input)) && corpus.length < largestCorpus) corpus.push(new Uint8Array(input));
  }
  const held = corpus.reduce((sum, bytes) => sum + bytes.length, 0);
  const growth = heapBefore === 0 ? 0 : (await heapAfterCollection()) - heapBefore - held;
  const seconds = (performance.now() - started) / 1000;
  const files = coverage.byFile();
  if (keep) await keepCorpus();
  report({
    kind: "done",
    inputs: Math.max(inputs, corpus.length),
    seconds,
    covered: coverage.covered(),
    total: coverage.total(),
    corpus: corpus.length,
    growth,
    slowestMs,
    files,
  });
}

await work(workerData as Job);
