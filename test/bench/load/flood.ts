/**
 * Streams of issuances that run at once for a fixed time: closed (so many in flight) or open (so many a second, whether
 * they are answered or not). What is refused is asked again later under its own Idempotency-Key.
 */
import { type Answer, type Connection, openConnection } from "./connection.ts";
import type { FloodJob, FloodOutcome, Stream, StreamOutcome, Target } from "./protocol.ts";
import { prepareRequests } from "./requests.ts";

/** An open stream sends over an idle connection; more of them than a host that answers at all keeps busy. */
const openConnections = 1024;

interface Ready {
  readonly stream: Stream;
  readonly connections: readonly Connection[];
  readonly messages: Buffer[];
  readonly wrong: (answer: Answer, at: number) => string | undefined;
}

export async function flood({ target, seconds, streams }: FloodJob): Promise<FloodOutcome> {
  const ready = await Promise.all(streams.map((stream) => prepare(stream, target)));
  const cpu = process.cpuUsage();
  const outcomes = await Promise.all(ready.map((one) => ("rate" in one.stream ? open : closed)(one, seconds)));
  const { user, system } = process.cpuUsage(cpu);
  for (const { connections } of ready) for (const { close } of connections) close();
  return { streams: outcomes, clientCpuSeconds: (user + system) / 1e6 };
}

async function prepare(stream: Stream, target: Target): Promise<Ready> {
  const size = "rate" in stream ? openConnections : stream.inFlight;
  const connections = await Promise.all(Array.from({ length: size }, () => openConnection(target)));
  const { messages, wrong } = prepareRequests({ kind: "issue", token: stream.token }, target, stream.messages);
  return { stream, connections, messages: [...messages], wrong };
}

/** Counts answers; whatever is neither a certificate nor a refusal with Retry-After ends the run. */
function createTally({ messages, wrong }: Ready) {
  const left = messages.map((_message, at) => at);
  const latencies: number[] = [];
  let refused = 0;
  return {
    next: () => left.shift(),
    answered(at: number, answer: Answer, sinceMs: number): void {
      if (answer.status === 429 || answer.status === 503) {
        if (!answer.head.includes("\r\nretry-after: "))
          throw new Error(`a refusal without Retry-After: ${answer.head}`);
        refused++;
        left.push(at);
        return;
      }
      const problem = wrong(answer, at);
      if (problem !== undefined)
        throw new Error(`${problem}: ${answer.status} ${answer.body.toString("latin1", 0, 300)}`);
      latencies.push(performance.now() - sinceMs);
    },
    outcome(sent: number): StreamOutcome {
      const sorted = Float64Array.from(latencies).sort();
      const percentile = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
      return { sent, issued: latencies.length, refused, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
    },
  };
}

async function closed(ready: Ready, seconds: number): Promise<StreamOutcome> {
  const tally = createTally(ready);
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  async function drive({ exchange }: Connection): Promise<void> {
    while (performance.now() < until) {
      const at = tally.next();
      if (at === undefined) throw new Error("more was answered than was prepared");
      sent++;
      const since = performance.now();
      tally.answered(at, await exchange(ready.messages[at] as Buffer), since);
    }
  }
  await Promise.all(ready.connections.map(drive));
  return tally.outcome(sent);
}

/** A request whose moment has come and that finds no idle connection waits, and its wait counts. */
async function open(ready: Ready, seconds: number): Promise<StreamOutcome> {
  const tally = createTally(ready);
  const idle = [...ready.connections];
  const waiting: number[] = [];
  const rate = "rate" in ready.stream ? ready.stream.rate : 0;
  const started = performance.now();
  const total = Math.floor(rate * seconds);
  let due = 0;
  let sent = 0;
  let failure: unknown;

  function send(): void {
    for (let connection = idle.at(-1); connection !== undefined && waiting.length > 0; connection = idle.at(-1)) {
      const at = tally.next();
      if (at === undefined) {
        failure ??= new Error("more was answered than was prepared");
        return;
      }
      idle.pop();
      sent++;
      void exchange(connection, at, waiting.shift() ?? 0);
    }
  }

  async function exchange(connection: Connection, at: number, since: number): Promise<void> {
    try {
      tally.answered(at, await connection.exchange(ready.messages[at] as Buffer), since);
      idle.push(connection);
      send();
    } catch (error) {
      failure ??= error;
    }
  }

  while (due < total && failure === undefined) {
    const now = performance.now();
    for (; due < total && started + (due * 1000) / rate <= now; due++) waiting.push(started + (due * 1000) / rate);
    send();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // What is on its way is waited for; what never left was not sent.
  while (idle.length < ready.connections.length && failure === undefined) {
    waiting.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (failure !== undefined) throw failure as Error;
  return tally.outcome(sent);
}
