/** SIGUSR1 would open Node's inspector: whoever may send it would then run code in the process that holds the keys. */
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startHost } from "./host.ts";
import { isAlive } from "./processes.ts";

let host: Awaited<ReturnType<typeof startHost>>;
beforeAll(async () => {
  host = await startHost({ settings: { NODE_OPTIONS: "--stack-trace-limit=7" } });
});
afterAll(async () => {
  await host.interrupt();
});

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

it("SIGUSR1 opens no inspector and ends no process: supervisor, signer, host", async () => {
  const pids = [host.pid, host.signerPid(), host.hostPid()];
  expect(new Set(pids).size).toBe(3);
  for (const pid of pids) {
    for (let times = 0; times < 3; times++) process.kill(pid, "SIGUSR1");
    await wait(500);
    expect(await listens(9229)).toBe(false);
  }
  expect(pids.filter(isAlive)).toEqual(pids);
  expect(host.stderr()).toBe("");
  expect((await host.admin.send("GET", "//readyz")).status).toBe(200);
});

it("what the supervisor's Node was told by NODE_OPTIONS reaches neither child", () => {
  const environment = (pid: number): string => readFileSync(`/proc/${pid}/environ`, "utf8");
  expect(environment(host.pid)).toContain("NODE_OPTIONS=");
  for (const pid of [host.signerPid(), host.hostPid()]) expect(environment(pid)).not.toContain("NODE_OPTIONS");
});

it("the signer leaves no core dump", () => {
  expect(readFileSync(`/proc/${host.signerPid()}/limits`, "utf8")).toMatch(/^Max core file size +0 +0 /m);
});
