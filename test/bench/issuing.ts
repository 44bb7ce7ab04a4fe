/** Issuance under load: the windows that speed and CPU are both read from. */
import type { RunningHost } from "./host.ts";
import type { Job, Outcome } from "./load/protocol.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { Session } from "./session.ts";

export const inFlight = 64;

export interface IssueWindow extends Outcome {
  readonly count: number;
  /** User and system time of each process in the window. */
  readonly cpu: { readonly supervisor: number; readonly signer: number; readonly host: number };
}

export const issueJob = ({ profile }: RunningHost, count: number, concurrent = inFlight): Job => ({
  target: { protocol: "https", port: Number(new URL(profile.url).port), ca: profile.ca },
  requests: { kind: "issue", token: profile.token },
  count,
  inFlight: concurrent,
});

export async function measureIssuing(session: Session): Promise<readonly IssueWindow[]> {
  const { warmUp, windows, count } = session.quick
    ? { warmUp: 200, windows: 1, count: 500 }
    : { warmUp: 4000, windows: 5, count: 5000 };
  const host = await session.host();
  const generator = await session.generator();
  await generator.prepare(issueJob(host, warmUp));
  await generator.run();
  const measured: IssueWindow[] = [];
  for (let window = 0; window < windows; window++) {
    await generator.prepare(issueJob(host, count));
    const before = cpuOf(host);
    const outcome = await generator.run();
    const after = cpuOf(host);
    measured.push({
      ...outcome,
      count,
      cpu: {
        supervisor: after.supervisor - before.supervisor,
        signer: after.signer - before.signer,
        host: after.host - before.host,
      },
    });
  }
  return measured;
}

const cpuOf = ({ processes }: RunningHost) => ({
  supervisor: cpuSeconds(processes.supervisor),
  signer: cpuSeconds(processes.signer),
  host: cpuSeconds(processes.host),
});
