/** A host that does not start, and what it says to that. */
import { expect } from "vitest";
import { type Finished, launch, type StartOptions } from "./host.ts";
import { signalGroup } from "./processes.ts";

/** Runs a host that is expected to end by itself. */
export async function refusal(options: StartOptions): Promise<Finished> {
  const { ready, exited, output, pid } = launch(options);
  const outcome = await Promise.race([
    exited.then((code) => ({ code })),
    ready.then(
      () => "ready" as const,
      () => exited.then((code) => ({ code })),
    ),
  ]);
  if (outcome === "ready") {
    signalGroup(pid, "SIGINT");
    await exited;
    throw new Error(`the host started:\n${output.stdout}`);
  }
  await ready.catch(() => undefined); // its pipes are closed: all was read
  return { ...outcome, ...output };
}

/** Ended by itself with a message for people, naming what is wrong and the way out. */
export function expectRefusal({ code, stdout, stderr }: Finished, ...texts: (string | RegExp)[]): void {
  expect(code, stderr).toBe(1);
  expect(stdout).not.toContain("ready");
  for (const text of texts) expect(stderr).toMatch(text);
  expect(stderr, "a stack is not for people").not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
}
