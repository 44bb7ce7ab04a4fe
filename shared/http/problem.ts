/** Failures as RFC 9457 problem details: a total map, so a new code cannot go without an answer. */
import type { FailureCode } from "#shared/kernel/failure";
import { type Answer, responseOf } from "./answer.ts";
import { retryAfterSeconds, shownFailure } from "#shared/kernel/shown-failure";

const statuses = {
  malformed: 400,
  invalid_field: 400,
  idempotency_key_missing: 400,
  idempotency_mismatch: 422,
  idempotency_replayed: 409,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable_media: 415,
  host_refused: 421,
  conflict: 409,
  invalid_transition: 409,
  unprocessable: 422,
  too_large: 413,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
  guard_refused: 422,
  corrupt: 500,
  misconfigured: 500,
  internal: 500,
} as const satisfies Record<FailureCode, number>;

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export function problemAnswer(error: unknown, traceId: string): Answer {
  const failure = shownFailure(error);
  const status = statuses[failure.code];
  const body = {
    ...failure.extensions,
    type: `urn:trstctl:problem:${failure.code}`,
    title: titles[status] ?? "Error",
    status,
    detail: failure.message,
    code: failure.code,
    ...(failure.field !== undefined && { field: failure.field }),
    trace_id: traceId,
  };
  const retryAfter = failure.retryAfter ?? (status === 503 ? 1 : undefined);
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(retryAfter !== undefined && { "retry-after": retryAfterSeconds(retryAfter) }),
    ...(status === 401 && { "www-authenticate": 'Bearer realm="trstctl"' }),
  };
  return { status, headers, body: JSON.stringify(body) };
}

export const problemResponse = (error: unknown, traceId: string): Response => responseOf(problemAnswer(error, traceId));
