import type { Decision } from "#shared/http/protocol-requests";
import type { Answer } from "#shared/http/answer";
import type { Endpoint } from "#shared/usecases/enrolment-endpoints";
import type { BoundDeps } from "../function.ts";

/** One request at one endpoint. */
export interface Exchange {
  readonly deps: BoundDeps;
  readonly endpoint: Endpoint;
  /** Trace id. */
  readonly trace: string;
}

export interface Served {
  readonly answer: Answer;
  /** From a closed set, for the counter. */
  readonly operation: string;
  readonly decision: Decision;
}
