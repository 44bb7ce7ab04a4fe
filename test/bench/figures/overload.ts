/** Four times what the host can do: it goes on doing nearly as much, refuses the rest cheaply, and a quiet tenant notices little. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { tenantToken } from "../api.ts";
import { atLeast, atMost, type Figure } from "../figure.ts";
import { startHost } from "../host.ts";
import { startGenerator } from "../load/generator.ts";
import type { FloodOutcome, StreamOutcome } from "../load/protocol.ts";
import { residentBytes } from "../process-usage.ts";

const quietRate = 20;
const factor = 4;

export const overload: Figure = {
  name: "overload",
  title: "issuances a second at four times the peak, as a part of the peak",
  async measure({ quick }) {
    if (availableParallelism() < 2) throw new Error("host and generator need a core each");
    const seconds = quick ? 2 : 15;
    const host = await startHost();
    const generator = await startGenerator();
    try {
      for (const pid of Object.values(host.processes)) pin(pid, 0);
      pin(generator.pid, 1);
      const target = { protocol: "https", port: Number(new URL(host.profile.url).port), ca: host.profile.ca } as const;
      const { token } = host.profile;
      const quiet = { token: await tenantToken(host, "quiet"), rate: quietRate, messages: quietRate * (seconds + 5) };
      const noisyAtPeak = (forSeconds: number) => ({ token, inFlight: 64, messages: 4_000 * forSeconds });
      const run = (streams: readonly [object, object?], forSeconds: number) =>
        generator.flood({ target, seconds: forSeconds, streams: streams as never });
      await run([noisyAtPeak(quick ? 1 : 4)], quick ? 1 : 4);
      const peak = await run([noisyAtPeak(seconds), quiet], seconds);
      const rate = streamOf(peak, 0).issued / seconds;
      const before = residentBytes(host.processes.host);
      const flood = { token, rate: rate * factor, messages: Math.ceil(rate * 1.5 * seconds) + 1_000 };
      const over = await run([flood, quiet], seconds);
      const after = residentBytes(host.processes.host);
      const noisy = streamOf(over, 0);
      return [
        { figure: "overload", unit: "×", goal: atLeast(0.8), samples: [noisy.issued / seconds / rate] },
        { figure: "overload_peak", unit: "1/s", samples: [rate] },
        { figure: "overload_offered", unit: "1/s", samples: [noisy.sent / seconds] },
        { figure: "overload_refused", unit: "1/s", samples: [noisy.refused / seconds] },
        { figure: "overload_p99", unit: "ms", samples: [noisy.p99Ms] },
        {
          figure: "overload_quiet_p99",
          unit: "×",
          goal: atMost(2),
          samples: [streamOf(over, 1).p99Ms / streamOf(peak, 1).p99Ms],
        },
        { figure: "overload_quiet_p99_at_peak", unit: "ms", samples: [streamOf(peak, 1).p99Ms] },
        {
          figure: "overload_quiet_refused",
          unit: "%",
          samples: [(streamOf(over, 1).refused / Math.max(1, streamOf(over, 1).sent)) * 100],
        },
        { figure: "overload_memory", unit: "×", goal: atMost(1.2), samples: [after / before] },
      ];
    } finally {
      await generator.stop();
      await host.remove();
    }
  },
};

function streamOf({ streams }: FloodOutcome, n: number): StreamOutcome {
  const found = streams[n];
  if (found === undefined) throw new TypeError(`stream ${n} did not run`);
  return found;
}

/** All threads of a process to one core. */
function pin(pid: number, core: number): void {
  const { status, stderr, error } = spawnSync("taskset", ["-acp", String(core), String(pid)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`taskset: ${error?.message ?? stderr}`);
}
