/** Other programs' servers. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { run } from "#test/run";

const startMs = 30_000;

/** @throws Error when it ends, or says nothing for half a minute */
export async function untilItAnswers(name: string, child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + startMs;
  for (;;) {
    const { code } = await run("curl", ["-sk", "--fail", "--max-time", "2", url]);
    if (code === 0) return;
    if (child.exitCode !== null || performance.now() > until) throw new Error(`${name} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
