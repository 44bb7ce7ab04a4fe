import { setTimeout as wait } from "node:timers/promises";
import { atMost, type Figure } from "../figure.ts";
import { startHost } from "../host.ts";
import { memoryLines } from "../memory.ts";

/** Supervisor, signer and host of a new data directory, some seconds after they are ready and with nothing to do. */
export const idleMemory: Figure = {
  name: "idle_memory",
  title: "memory of all processes when idle",
  async measure({ quick }) {
    const running = await startHost();
    try {
      await wait(quick ? 500 : 10_000);
      return memoryLines("idle_memory", atMost(180), running.processes);
    } finally {
      await running.remove();
    }
  },
};
