/**
 * The one error type of the product. `code` is the discriminant; every edge renders it through a total map
 * (`satisfies Record<FailureCode, …>`). What is not a `Failure` is a defect and is shown to nobody.
 */
export const failureCodes = [
  "malformed", // the bytes or the document cannot be read
  "invalid_field", // one named field is wrong
  "idempotency_key_missing",
  "idempotency_mismatch", // same key, other request
  "idempotency_replayed", // the same request was answered before; the edge answers from state
  "unauthenticated",
  "forbidden",
  "not_found", // also: exists, but in another tenant
  "method_not_allowed",
  "not_acceptable_media", // the body's media type is not served here
  "host_refused", // Host or Origin outside the allow-list
  "conflict", // the state changed under the request, or forbids it
  "invalid_transition",
  "unprocessable", // understood, but refers to something that does not exist or does not fit
  "too_large",
  "rate_limited",
  "overloaded", // a bounded pool is full
  "unavailable", // something we depend on is down; retry
  "guard_refused", // the signer would not sign this
  "corrupt", // stored bytes are not what was written
  "misconfigured", // start-up stops
  "internal",
] as const;

export type FailureCode = (typeof failureCodes)[number];

export interface FailureDetails {
  /** Path of the offending field as the caller wrote it, e.g. `csr` or `spec.max_validity`. */
  readonly field?: string;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** Further members shown to the caller beside the standard ones (RFC 9457 3.2). Nothing secret. */
  readonly extensions?: Readonly<Record<string, string | number | boolean | readonly unknown[]>>;
  /** The part of ours that it happened at (`table trstctl-core`): for the operator's log, and shown to no caller. */
  readonly place?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An expected failure: `detail` is written for the person who reads it and says the way out. Of what is not withheld
 * (shown-failure.ts) that may be anybody, so it names nothing of ours; `place` does.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;
  readonly extensions: FailureDetails["extensions"];
  readonly place: string | undefined;

  constructor(code: FailureCode, detail: string, details: FailureDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Failure";
    this.code = code;
    this.field = details.field;
    this.retryAfter = details.retryAfter;
    this.extensions = details.extensions;
    this.place = details.place;
  }
}

/** True for failures with this code; narrows `unknown` from a catch clause. */
export function isFailure(error: unknown, code?: FailureCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}
