/** OCSP under load: the certificates that are asked about, and the windows. */
import { base64 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { certIdFor } from "#shared/pki/ocsp";
import { pemDecode } from "#shared/pki/pem";
import { apiGet } from "./api.ts";
import type { Goal, Line } from "./figure.ts";
import { inFlight, issueJob } from "./issuing.ts";
import type { RunningHost } from "./host.ts";
import type { Job } from "./load/protocol.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { Session } from "./session.ts";

interface Issuer {
  readonly id: string;
  readonly role: string;
  readonly certificate: string;
}

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly serial: string;
  readonly issuer_id: string;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface OcspFigure {
  readonly name: string;
  readonly kind: "ocsp-nonce" | "ocsp-get";
  readonly goal: Goal;
  /** Requests of one window. */
  readonly count: number;
  /** Run before the first window, to fill caches and compilers. */
  readonly warmUp: number;
}

/** Rate, latencies and CPU of one way to ask, over certificates that were issued for it. */
export async function measureOcsp(session: Session, figure: OcspFigure): Promise<readonly Line[]> {
  const host = await session.host();
  const generator = await session.generator();
  await generator.prepare(issueJob(host, session.quick ? 100 : 1000));
  await generator.run();
  const { path, certIds } = await askedAbout(host, session.quick ? 100 : 1000);
  const job = (count: number): Job => ({
    target: { protocol: "http", port: Number(new URL(host.revocationUrl).port) },
    requests: { kind: figure.kind, path, certIds },
    count,
    inFlight,
  });
  const { windows, count, warmUp } = session.quick
    ? { windows: 1, count: 500, warmUp: 200 }
    : { windows: 5, ...figure };
  await generator.prepare(job(warmUp));
  await generator.run();
  const rates: number[] = [];
  const p99s: number[] = [];
  const cpu: number[] = [];
  for (let window = 0; window < windows; window++) {
    await generator.prepare(job(count));
    const before = cpuOf(host);
    const { seconds, p99Ms } = await generator.run();
    cpu.push(((cpuOf(host) - before) / count) * 1e6);
    rates.push(count / seconds);
    p99s.push(p99Ms);
  }
  return [
    { figure: figure.name, unit: "1/s", goal: figure.goal, samples: rates },
    { figure: `${figure.name}_p99`, unit: "ms", samples: p99s },
    { figure: `${figure.name}_cpu`, unit: "µs", samples: cpu },
  ];
}

const cpuOf = ({ processes }: RunningHost): number => cpuSeconds(processes.host) + cpuSeconds(processes.signer);

async function askedAbout(host: RunningHost, count: number): Promise<{ path: string; certIds: string[] }> {
  const { items } = await apiGet<Page<Issuer>>(host, "/issuers?limit=100");
  const issuer = items.find(({ role }) => role === "issuing");
  const [der] = issuer === undefined ? [] : pemDecode(issuer.certificate, "CERTIFICATE");
  if (issuer === undefined || der === undefined) throw new Error("the host has no issuing CA");
  const { subjectDer, spki } = parseCertificate(der);
  const certIds: string[] = [];
  for (let cursor: string | null = ""; cursor !== null && certIds.length < count; ) {
    const page: Page<Listed> = await apiGet(host, `/certificates?limit=100${cursor && `&cursor=${cursor}`}`);
    for (const { kind, serial, issuer_id } of page.items)
      if (kind === "leaf" && issuer_id === issuer.id)
        certIds.push(base64(certIdFor(subjectDer, spki, serial, "sha1").der));
    cursor = page.next_cursor;
  }
  if (certIds.length < count) throw new Error(`only ${certIds.length} certificates to ask about`);
  return { path: `/ocsp/${issuer.id}`, certIds: certIds.slice(0, count) };
}
