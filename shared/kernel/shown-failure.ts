/** What a caller may know of a failure, whatever form the protocol gives it. */
import { Failure, type FailureCode } from "./failure.ts";

/** What is shown of failures that say more about us than about the request. */
const withheld: Partial<Record<FailureCode, string>> = {
  corrupt: "stored data cannot be read; the operator finds details in the host's log",
  misconfigured: "the host is set up wrongly; the operator finds details in its log",
  internal: "internal error; the operator finds details in the host's log",
};

/** Everything that is no `Failure` is `internal`, and leaks nothing. */
export function shownFailure(error: unknown): Failure {
  const failure = error instanceof Failure ? error : new Failure("internal", "unexpected");
  const detail = withheld[failure.code];
  return detail === undefined ? failure : new Failure(failure.code, detail);
}

/** The header's value: whole seconds, at least one. */
export const retryAfterSeconds = (seconds: number): string => String(Math.max(1, Math.ceil(seconds)));
