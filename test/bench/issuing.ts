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
  await issueWindow(session, host, warmUp);
  const measured: IssueWindow[] = [];
  for (let window = 0; window < windows; window++) measured.push(await issueWindow(session, host, count));
  return measured;
}

export async function issueWindow(session: Session, host: RunningHost, count: number): Promise<IssueWindow> {
  const generator = await session.generator();
  await generator.prepare(issueJob(host, count));
  const before = cpuOf(host);
  const outcome = await generator.run();
  const after = cpuOf(host);
  const cpu = {
    supervisor: after.supervisor - before.supervisor,
    signer: after.signer - before.signer,
    host: after.host - before.host,
  };
  return { ...outcome, count, cpu };
}

const cpuOf = ({ processes }: RunningHost) => ({
  supervisor: cpuSeconds(processes.supervisor),
  signer: cpuSeconds(processes.signer),
  host: cpuSeconds(processes.host),
});
