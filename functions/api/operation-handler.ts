/** What serves one operation. The operation itself (route, schemas, permission) is in `shared/contracts`. */
import type * as z from "zod";
import type { Operation } from "#shared/contracts/operation";
import type { Call } from "#shared/usecases/deps";
import type { FunctionDeps } from "../function.ts";

/** Inputs are validated by the operation's schemas before a handler sees them. */
export interface Served<P = unknown, Q = unknown, B = unknown> {
  readonly deps: FunctionDeps;
  readonly call: Call;
  /** Id of the browser's session that asks, where one does. */
  readonly session?: string | undefined;
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

export interface Handler<S = Served> {
  run(served: S): Promise<Outcome>;
  /** From state alone. */
  show?(served: S, resource: string): Promise<object>;
  /** In place of `extra` when the answer is given again. */
  readonly replayExtra?: object;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : unknown;
type Part<O, K extends string> = O extends Readonly<Record<K, infer S>> ? Parsed<S> : unknown;

export type ServedBy<O extends Operation> = Served<Part<O, "params">, Part<O, "query">, Part<O, "body">>;

/** A handler that sees its inputs as the schemas of its operation parse them. */
export const handle = <O extends Operation>(_operation: O, handler: Handler<ServedBy<O>>): Handler =>
  handler as Handler;
