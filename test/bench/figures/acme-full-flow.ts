import { apiPost } from "../api.ts";
import { atLeast, type Figure } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import type { AcmeJob } from "../load/protocol.ts";
import { cpuSeconds } from "../process-usage.ts";

const clients = 32;
const label = "bench-acme";

/**
 * New order, finalize, download: three signed requests, each with the nonce of the answer before, the certificate durable.
 * 32 accounts, each with a name that is authorized once; the clients work on the same machine.
 */
export const acmeFullFlow: Figure = {
  name: "acme_full_flow",
  title: "certificates a second by ACME, order to download, authorization reused, 32 clients",
  async measure(session) {
    const { warmUp, windows, count } = session.quick
      ? { warmUp: 64, windows: 1, count: 128 }
      : { warmUp: 2000, windows: 5, count: 2000 };
    const host = await session.host();
    const generator = await session.generator();
    const endpoint = await openEndpoint(host);
    const job = (wanted: number): AcmeJob => ({ ...endpoint, clients, count: wanted });
    await generator.acme(job(warmUp));
    const samples = [];
    for (let window = 0; window < windows; window++) {
      const before = cpuOf(host);
      const outcome = await generator.acme(job(count));
      const after = cpuOf(host);
      samples.push({ ...outcome, host: after.host - before.host, signer: after.signer - before.signer });
    }
    // Registering and proving is in the CPU of a window too: once for each client.
    const each = (seconds: number): number => (seconds / count) * 1e6;
    return [
      {
        figure: "acme_full_flow",
        unit: "1/s",
        goal: atLeast(250),
        samples: samples.map(({ seconds }) => count / seconds),
      },
      { figure: "acme_full_flow_p50", unit: "ms", samples: samples.map(({ p50Ms }) => p50Ms) },
      { figure: "acme_full_flow_p99", unit: "ms", samples: samples.map(({ p99Ms }) => p99Ms) },
      { figure: "acme_full_flow_host_cpu", unit: "µs", samples: samples.map((sample) => each(sample.host)) },
      { figure: "acme_full_flow_signer_cpu", unit: "µs", samples: samples.map((sample) => each(sample.signer)) },
      {
        figure: "acme_full_flow_client_cpu",
        unit: "µs",
        samples: samples.map(({ clientCpuSeconds }) => each(clientCpuSeconds)),
      },
    ];
  },
};

const cpuOf = ({ processes }: RunningHost) => ({
  host: cpuSeconds(processes.host),
  signer: cpuSeconds(processes.signer),
});

/** Names are taken from whoever has the credential: what is measured is ACME, not the way to a web server. */
async function openEndpoint({ profile, ...host }: RunningHost): Promise<Omit<AcmeJob, "clients" | "count">> {
  const to = { profile, ...host };
  await apiPost(to, "/enrolment-endpoints", { label, protocols: ["acme"], validate_names: false });
  const credential = await apiPost<AcmeJob["credential"]>(to, "/enrolment-credentials", {
    endpoint: label,
    max_uses: 0,
  });
  return {
    target: { protocol: "https", port: Number(new URL(profile.url).port), ca: profile.ca },
    label,
    credential,
  };
}
