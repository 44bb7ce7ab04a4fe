/** The load generator's process, as the bench holds it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FloodJob, FloodOutcome, FromGenerator, Job, Outcome, ToGenerator } from "./protocol.ts";

export interface Generator {
  /** Makes the requests and opens the connections; nothing is sent yet. */
  prepare(job: Job): Promise<void>;
  /** @throws when a single answer was not what it must be */
  run(): Promise<Outcome>;
  /** Prepares and runs. @throws when an answer was neither a certificate nor a proper refusal */
  flood(job: FloodJob): Promise<FloodOutcome>;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startGenerator(): Promise<Generator> {
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), { execArgv: [] });
  await once(child, "spawn");

  async function ask(message: ToGenerator): Promise<FromGenerator> {
    const answered = new Promise<FromGenerator>((resolve, reject) => {
      child.once("message", (answer) => {
        child.off("exit", gone);
        resolve(answer as FromGenerator);
      });
      const gone = (): void => reject(new Error("the load generator ended"));
      child.once("exit", gone);
    });
    child.send(message);
    const answer = await answered;
    if (typeof answer === "object" && "failed" in answer) throw new Error(answer.failed);
    return answer;
  }

  return {
    async prepare(job) {
      await ask({ prepare: job });
    },
    async run() {
      const answer = await ask("run");
      if (typeof answer !== "object" || !("ran" in answer)) throw new TypeError("the load generator did not run");
      return answer.ran;
    },
    async flood(job) {
      const answer = await ask({ flood: job });
      if (typeof answer !== "object" || !("flooded" in answer)) throw new TypeError("the load generator did not run");
      return answer.flooded;
    },
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
