import { base64, utf8 } from "#shared/kernel/bytes";
import { apiPost } from "../api.ts";
import { atLeast, type Figure } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import type { Job } from "../load/protocol.ts";
import { cpuSeconds } from "../process-usage.ts";

const inFlight = 32;
const label = "bench-est";

/** Request in, certificate out, event durable: 32 kept-alive connections, HTTP Basic; the client works on the same machine. */
export const estSimpleenroll: Figure = {
  name: "est_simpleenroll",
  title: "certificates enrolled a second by EST simpleenroll, 32 in flight",
  async measure(session) {
    const { warmUp, windows, count } = session.quick
      ? { warmUp: 100, windows: 1, count: 300 }
      : { warmUp: 4000, windows: 5, count: 4000 };
    const host = await session.host();
    const generator = await session.generator();
    const authorization = await openEndpoint(host);
    const job = (wanted: number): Job => ({
      target: { protocol: "https", port: Number(new URL(host.profile.url).port), ca: host.profile.ca },
      requests: { kind: "est", path: `/.well-known/est/${label}/simpleenroll`, authorization },
      count: wanted,
      inFlight,
    });
    await generator.prepare(job(warmUp));
    await generator.run();
    const samples = [];
    for (let window = 0; window < windows; window++) {
      await generator.prepare(job(count));
      const before = cpuSeconds(host.processes.host);
      const outcome = await generator.run();
      samples.push({ ...outcome, hostCpuSeconds: cpuSeconds(host.processes.host) - before });
    }
    const each = (seconds: number): number => (seconds / count) * 1e6;
    return [
      {
        figure: "est_simpleenroll",
        unit: "1/s",
        goal: atLeast(1200),
        samples: samples.map(({ seconds }) => count / seconds),
      },
      { figure: "est_simpleenroll_p50", unit: "ms", samples: samples.map(({ p50Ms }) => p50Ms) },
      { figure: "est_simpleenroll_p99", unit: "ms", samples: samples.map(({ p99Ms }) => p99Ms) },
      {
        figure: "est_simpleenroll_host_cpu",
        unit: "µs",
        samples: samples.map(({ hostCpuSeconds }) => each(hostCpuSeconds)),
      },
      {
        figure: "est_simpleenroll_client_cpu",
        unit: "µs",
        samples: samples.map(({ clientCpuSeconds }) => each(clientCpuSeconds)),
      },
    ];
  },
};

/** @returns the value of `Authorization` for a credential that brings any number of certificates */
async function openEndpoint(host: RunningHost): Promise<string> {
  await apiPost(host, "/enrolment-endpoints", { label, protocols: ["est"] });
  interface Created {
    readonly id: string;
    readonly secret: string;
  }
  const { id, secret } = await apiPost<Created>(host, "/enrolment-credentials", { endpoint: label, max_uses: 0 });
  return `Basic ${base64(utf8(`${id}:${secret}`))}`;
}
