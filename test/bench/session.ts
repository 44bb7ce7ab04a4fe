/** What figures share within one run: the yardstick, one host under load, and what was measured on it. */
import { type IssueWindow, measureIssuing } from "./issuing.ts";
import { type Generator, startGenerator } from "./load/generator.ts";
import { type RunningHost, startHost } from "./host.ts";

export interface Session {
  /** Short samples: for a smoke test of the bench itself. */
  readonly quick: boolean;
  /** Signatures a second in one thread of Node, of this run; set by the figure that runs first. */
  yardstick: number | undefined;
  /** One host for everything that needs load, started when first asked for. */
  host(): Promise<RunningHost>;
  generator(): Promise<Generator>;
  /** Measured once, read by more than one figure. */
  issuing(): Promise<readonly IssueWindow[]>;
  close(): Promise<void>;
}

export function openSession(quick: boolean): Session {
  let host: Promise<RunningHost> | undefined;
  let generator: Promise<Generator> | undefined;
  let issuing: Promise<readonly IssueWindow[]> | undefined;
  const session: Session = {
    quick,
    yardstick: undefined,
    host: () => (host ??= startHost()),
    generator: () => (generator ??= startGenerator()),
    issuing: () => (issuing ??= measureIssuing(session)),
    async close() {
      await (await generator?.catch(() => undefined))?.stop();
      await (await host?.catch(() => undefined))?.remove();
    },
  };
  return session;
}
