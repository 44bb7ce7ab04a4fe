/** What serves one operation. The operation itself (route, schemas, permission) is in `shared/contracts`. */
import type { Call } from "#shared/usecases/deps";
import type { FunctionDeps } from "../function.ts";

/** Inputs are validated by the operation's schemas before a handler sees them. */
// biome-ignore lint/suspicious/noExplicitAny: the schema of the operation is the type; handlers name theirs
type Input = any;

export interface Served<P = Input, Q = Input, B = Input> {
  readonly deps: FunctionDeps;
  readonly call: Call;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface Outcome {
  /** Id of the resource that `show` renders; also what a replay is rendered from. */
  readonly resource?: string;
  /** Beside what `show` renders: what only this answer carries. */
  readonly extra?: object;
  /** The whole answer, where there is no resource. */
  readonly body?: unknown;
}

export interface Handler {
  run(served: Served): Promise<Outcome>;
  /** From state alone. */
  show?(served: Served, resource: string): Promise<object>;
  /** In place of `extra` when the answer is given again. */
  readonly replayExtra?: object;
}
