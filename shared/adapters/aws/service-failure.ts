/** What services other than DynamoDB throw, as a `Failure` when it is not a defect of ours. */
import { Failure } from "#shared/kernel/failure";

/** Names of exceptions, or codes of the system, that go away by themselves. */
const passing = new Set([
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestThrottled",
  "RequestLimitExceeded",
  "SlowDown",
  "KMSInternalException",
  "DependencyTimeoutException",
  "InternalError",
  "InternalServerError",
  "InternalFailure",
  "ServiceUnavailable",
  "ServiceException",
  "TimeoutError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
const denied = new Set(["AccessDenied", "AccessDeniedException", "KMSAccessDeniedException"]);

/** The exception's name, or the system error's code. */
export function exceptionName(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (passing.has(error.name) || denied.has(error.name) || !("code" in error)) return error.name;
  return typeof error.code === "string" ? error.code : error.name;
}

export interface Resource {
  /** What callers hear of it: `the file store`. */
  readonly shown: string;
  /** What operators call it: `bucket x`. */
  readonly place: string;
}

/** @param missing says the way out for exceptions that mean: it is not there */
export function serviceFailure(
  error: unknown,
  { shown, place }: Resource,
  missing: Readonly<Record<string, string>> = {},
): unknown {
  const name = exceptionName(error);
  if (Object.hasOwn(missing, name)) return new Failure("misconfigured", `${place} ${missing[name]}`, { cause: error });
  if (passing.has(name))
    return new Failure("unavailable", `${shown} cannot be reached or is out of throughput: try again`, {
      place,
      cause: error,
    });
  if (denied.has(name))
    return new Failure("misconfigured", `${place} refuses this function's role: deploy the stacks of one version`, {
      cause: error,
    });
  return error;
}
