/** The load generator: a process of its own, so that its cost is not the host's and can be told apart. */
import { assertPinnedRuntime } from "../../../toolchain/runtime.mjs";
import { type Connection, openConnection } from "./connection.ts";
import { flood } from "./flood.ts";
import { prepareRequests, type Prepared } from "./requests.ts";
import { outcomeOf } from "./outcome.ts";
import type { FromGenerator, Job, Target, ToGenerator } from "./protocol.ts";

assertPinnedRuntime();

let connections: readonly Connection[] = [];
let connectedTo = "";
let prepared: Prepared | undefined;

process.on("message", (message) => {
  answerTo(message as ToGenerator).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      // After a failure a connection may be in the middle of an answer.
      disconnect();
      process.send?.({ failed: error instanceof Error ? error.message : String(error) } satisfies FromGenerator);
    },
  );
});
process.on("disconnect", disconnect);

async function answerTo(message: ToGenerator): Promise<FromGenerator> {
  if (message === "run") return run();
  return "flood" in message ? { flooded: await flood(message.flood) } : prepare(message.prepare);
}

async function prepare({ target, requests, count, inFlight }: Job): Promise<FromGenerator> {
  await connect(target, inFlight);
  prepared = prepareRequests(requests, target, count);
  return "prepared";
}

async function connect(target: Target, inFlight: number): Promise<void> {
  const wanted = JSON.stringify([target, inFlight]);
  if (connectedTo === wanted) return;
  disconnect();
  connections = await Promise.all(Array.from({ length: inFlight }, () => openConnection(target)));
  connectedTo = wanted;
}

function disconnect(): void {
  for (const { close } of connections) close();
  connections = [];
  connectedTo = "";
}

/** Every connection has one request in flight at a time, and asks the next one when it is answered. */
async function run(): Promise<FromGenerator> {
  if (prepared === undefined) throw new TypeError("run: nothing prepared");
  const { messages, wrong } = prepared;
  prepared = undefined;
  const latencies = new Float64Array(messages.length);
  let next = 0;
  async function drive({ exchange }: Connection): Promise<void> {
    while (next < messages.length) {
      const at = next++;
      const sent = performance.now();
      const answer = await exchange(messages[at] as Buffer);
      latencies[at] = performance.now() - sent;
      const problem = wrong(answer, at);
      if (problem === undefined) continue;
      next = messages.length;
      throw new Error(`request ${at + 1} of ${messages.length}: ${problem}: ${answer.status} ${excerpt(answer.body)}`);
    }
  }
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(connections.map(drive));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { ran: outcomeOf(seconds, latencies, user + system) };
}

const excerpt = (body: Buffer): string => body.toString("latin1", 0, 300);
