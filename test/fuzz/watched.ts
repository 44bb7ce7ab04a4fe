/** One target in its thread, with an eye on the input in work: a second of CPU without an end is a hang. */
import { Worker } from "node:worker_threads";
import { makeScratch, removeScratch } from "./scratch.ts";
import { deskBytes, type Done, type Found, type Job, type Report } from "./messages.ts";

const lookEveryMs = 250;
const mostCpuMicroseconds = 1_000_000;
/** An answer that never comes costs no CPU. */
const mostWaitMs = 30_000;
const heapMegabytes = 768;

export interface TargetRun {
  readonly findings: readonly Found[];
  /** Absent when the thread had to be ended or ended itself. */
  readonly done: Done | undefined;
}

export function runTarget(job: Omit<Job, "desk" | "scratch">): Promise<TargetRun> {
  const desk = new SharedArrayBuffer(deskBytes);
  const header = new Uint32Array(desk, 0, 2);
  const inWork = (): Uint8Array => new Uint8Array(desk, 8, header[1]).slice();
  const findings: Found[] = [];
  const scratch = makeScratch();
  let done: Done | undefined;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { ...job, desk, scratch } satisfies Job,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    stderr: true, // what the product says of bad input is no news here
  });

  let seen = { count: -1, cpu: 0, at: 0 };
  const watch = setInterval(() => {
    const count = Atomics.load(header, 0);
    const { user, system } = process.cpuUsage(); // this thread only sleeps: it is the worker's
    const now = { count, cpu: user + system, at: performance.now() };
    // Before the first input it loads, after the last it chooses what to keep.
    if (count !== seen.count || count === 0) {
      seen = now;
      return;
    }
    const hangs = now.cpu - seen.cpu > mostCpuMicroseconds;
    if (!hangs && now.at - seen.at < mostWaitMs) return;
    findings.push({ kind: "found", input: inWork(), problem: hangs ? "hang: more than 1 s of CPU" : "no answer" });
    clearInterval(watch);
    void worker.terminate();
  }, lookEveryMs);

  return new Promise((resolve) => {
    worker.on("message", (message: Report) => {
      if (message.kind === "found") findings.push(message);
      else {
        done = message;
        void worker.terminate(); // a target's sockets would keep it alive
      }
    });
    worker.on("error", (error) =>
      findings.push({
        kind: "found",
        input: inWork(),
        problem: `the thread ended: ${(error as Error).stack ?? String(error)}`,
      }),
    );
    worker.on("exit", () => {
      clearInterval(watch);
      removeScratch(scratch);
      resolve({ findings, done });
    });
  });
}
