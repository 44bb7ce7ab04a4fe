/** What went wrong on the way, in the terms of RFC 8555 6.7. */
import type { Unreached } from "#shared/ports/egress";
import type { Unproven } from "./challenge.ts";

export const unproven = (problem: Unproven["problem"], detail: string, transient: boolean): Unproven => ({
  valid: false,
  problem,
  detail,
  transient,
});

const problems = {
  refused: "connection",
  dns: "dns",
  connection: "connection",
  tls: "tls",
  response: "incorrectResponse",
  busy: "connection",
} as const satisfies Record<Unreached["why"], Unproven["problem"]>;

/** A refused address stays refused; all else may be there in a moment. */
export const unreachedProblem = ({ why, detail }: Unreached): Unproven =>
  unproven(problems[why], detail, why !== "refused" && why !== "response");
