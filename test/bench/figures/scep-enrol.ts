import { randomUUID } from "node:crypto";
import { base64 } from "#shared/kernel/bytes";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { apiPost, plainGet } from "../api.ts";
import { atLeast, type Figure } from "../figure.ts";
import type { RunningHost } from "../host.ts";
import type { Job } from "../load/protocol.ts";
import { cpuSeconds } from "../process-usage.ts";

const inFlight = 64;

/** PKCSReq in, CertRep with the certificate out, event durable; over plain HTTP, as SCEP has it. */
export const scepEnrol: Figure = {
  name: "scep_enrol",
  title: "certificates enrolled a second by SCEP, 64 in flight",
  async measure(session) {
    const { warmUp, windows, count } = session.quick
      ? { warmUp: 100, windows: 1, count: 300 }
      : { warmUp: 500, windows: 3, count: 1500 };
    const host = await session.host();
    const requests = await openEndpoint(host);
    const job = (wanted: number): Job => ({
      target: { protocol: "http", port: Number(new URL(host.revocationUrl).port) },
      requests,
      count: wanted,
      inFlight,
    });
    const generator = await session.generator();
    await generator.prepare(job(warmUp));
    await generator.run();
    const samples = [];
    for (let window = 0; window < windows; window++) {
      await generator.prepare(job(count));
      const before = cpuOf(host);
      const outcome = await generator.run();
      const after = cpuOf(host);
      samples.push({ ...outcome, host: after.host - before.host, signer: after.signer - before.signer });
    }
    const each = (seconds: number): number => (seconds / count) * 1e6;
    return [
      { figure: "scep_enrol", unit: "1/s", goal: atLeast(300), samples: samples.map(({ seconds }) => count / seconds) },
      { figure: "scep_enrol_p99", unit: "ms", samples: samples.map(({ p99Ms }) => p99Ms) },
      { figure: "scep_enrol_host_cpu", unit: "µs", samples: samples.map((sample) => each(sample.host)) },
      { figure: "scep_enrol_signer_cpu", unit: "µs", samples: samples.map((sample) => each(sample.signer)) },
      {
        figure: "scep_enrol_client_cpu",
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

async function openEndpoint(host: RunningHost): Promise<Job["requests"]> {
  const label = `bench-${randomUUID().slice(0, 8)}`;
  await apiPost(host, "/enrolment-endpoints", { label, protocols: ["scep"] });
  interface Created {
    readonly id: string;
    readonly secret: string;
  }
  const { id, secret } = await apiPost<Created>(host, "/enrolment-credentials", { endpoint: label, max_uses: 0 });
  const chain = await plainGet(`${host.revocationUrl}/scep/${label}?operation=GetCACert`);
  const [ra = chain] = parseSignedData(chain).certificates;
  const path = `/scep/${label}?operation=PKIOperation`;
  return { kind: "scep", path, ra: base64(ra), challenge: `${id}.${secret}` };
}
