import { setTimeout as wait } from "node:timers/promises";
import { atMost, type Figure } from "../figure.ts";
import { startHost } from "../host.ts";
import { proportionalBytes, residentBytes } from "../process-usage.ts";

const megabyte = 1e6;

/** Supervisor, signer and host of a new data directory, some seconds after they are ready and with nothing to do. */
export const idleMemory: Figure = {
  name: "idle_memory",
  title: "memory of all processes when idle",
  async measure({ quick }) {
    const running = await startHost();
    try {
      await wait(quick ? 500 : 10_000);
      const { supervisor, signer, host } = running.processes;
      const each = [supervisor, signer, host];
      const sum = (bytes: readonly number[]): number => bytes.reduce((total, one) => total + one, 0) / megabyte;
      const shared = each.map(proportionalBytes).filter((bytes) => bytes !== undefined);
      return [
        { figure: "idle_memory", unit: "MB", goal: atMost(180), samples: [sum(each.map(residentBytes))] },
        // Pages of the one Node binary count three times above and once here.
        ...(shared.length === each.length ? [{ figure: "idle_memory_pss", unit: "MB", samples: [sum(shared)] }] : []),
        { figure: "idle_memory_supervisor", unit: "MB", samples: [residentBytes(supervisor) / megabyte] },
        { figure: "idle_memory_signer", unit: "MB", samples: [residentBytes(signer) / megabyte] },
        { figure: "idle_memory_host", unit: "MB", samples: [residentBytes(host) / megabyte] },
      ];
    } finally {
      await running.remove();
    }
  },
};
