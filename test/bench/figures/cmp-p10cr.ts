import { randomUUID } from "node:crypto";
import { apiPost } from "../api.ts";
import { atLeast, type Figure } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import type { Job } from "../load/protocol.ts";
import { cpuSeconds } from "../process-usage.ts";

/** Of host and signer, seconds. */
const cpuOf = ({ processes }: RunningHost): number => cpuSeconds(processes.host) + cpuSeconds(processes.signer);

/** p10cr in under a MAC by a new salt (500 rounds), cp out, event durable; 64 in flight over kept-alive TLS. */
export const cmpP10cr: Figure = {
  name: "cmp_p10cr",
  title: "certificates enrolled a second by CMP p10cr, 64 in flight",
  async measure(session) {
    const { warmUp, windows, count } = session.quick
      ? { warmUp: 100, windows: 1, count: 300 }
      : { warmUp: 1000, windows: 3, count: 2000 };
    const host = await session.host();
    const label = `bench-${randomUUID().slice(0, 8)}`;
    await apiPost(host, "/enrolment-endpoints", { label, protocols: ["cmp"] });
    const credential = { endpoint: label, max_uses: 0 };
    const { id, secret } = await apiPost<{ id: string; secret: string }>(host, "/enrolment-credentials", credential);
    const { url, ca } = host.profile;
    const job = (requests: number): Job => ({
      target: { protocol: "https", port: Number(new URL(url).port), ca },
      requests: { kind: "cmp", path: `/.well-known/cmp/p/${label}`, reference: id, secret },
      count: requests,
      inFlight: 64,
    });
    const generator = await session.generator();
    const measured = [];
    for (const requests of [warmUp, ...Array.from({ length: windows }, () => count)]) {
      await generator.prepare(job(requests));
      const before = cpuOf(host);
      const outcome = await generator.run();
      measured.push({ ...outcome, requests, cpu: cpuOf(host) - before });
    }
    const kept = measured.slice(1);
    return [
      {
        figure: "cmp_p10cr",
        unit: "1/s",
        goal: atLeast(500),
        samples: kept.map(({ requests, seconds }) => requests / seconds),
      },
      { figure: "cmp_p10cr_p99", unit: "ms", samples: kept.map(({ p99Ms }) => p99Ms) },
      {
        figure: "cmp_p10cr_cpu",
        unit: "µs",
        samples: kept.map(({ cpu, requests }) => (cpu / requests) * 1e6),
      },
      {
        figure: "cmp_p10cr_client_cpu",
        unit: "µs",
        samples: kept.map(({ clientCpuSeconds, requests }) => (clientCpuSeconds / requests) * 1e6),
      },
    ];
  },
};
