/** What goes wrong, in ACME's own words (RFC 8555 6.7): a problem document whose type is one of a closed list. */
import { type Answer } from "#shared/http/answer";
import { Failure, type FailureCode } from "#shared/kernel/failure";

/** Each type with the status that it has unless said otherwise. RFC 8555 6.7, RFC 9773 7.4, draft-ietf-acme-profiles 6.3. */
export const errorTypes = {
  accountDoesNotExist: 400,
  alreadyReplaced: 409,
  alreadyRevoked: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  caa: 403,
  compound: 400,
  connection: 400,
  dns: 400,
  externalAccountRequired: 403,
  incorrectResponse: 403,
  invalidContact: 400,
  invalidProfile: 400,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 403,
  serverInternal: 500,
  tls: 400,
  unauthorized: 403,
  unsupportedContact: 400,
  unsupportedIdentifier: 400,
  userActionRequired: 403,
} as const satisfies Record<string, number>;
export type ErrorType = keyof typeof errorTypes;

export const errorUrn = (type: string): string => `urn:ietf:params:acme:error:${type}`;

export interface Subproblem {
  readonly type: ErrorType;
  readonly detail: string;
  readonly identifier: { readonly type: string; readonly value: string };
}

interface AcmeErrorDetails {
  readonly status?: number;
  /** RFC 8555 6.7.1. */
  readonly subproblems?: readonly Subproblem[];
  /** Further members of the document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure that only ACME knows; what is everybody's is a `Failure`. The detail is written for the person who reads it. */
export class AcmeError extends Error {
  readonly type: ErrorType;
  readonly details: AcmeErrorDetails;

  constructor(type: ErrorType, detail: string, details: AcmeErrorDetails = {}) {
    super(detail);
    this.name = "AcmeError";
    this.type = type;
    this.details = details;
  }
}

/** How the failures of usecases are said here. */
const failures = {
  malformed: ["malformed", 400],
  invalid_field: ["malformed", 400],
  idempotency_key_missing: ["serverInternal", 500],
  idempotency_mismatch: ["orderNotReady", 403],
  idempotency_replayed: ["serverInternal", 500],
  unauthenticated: ["unauthorized", 403],
  forbidden: ["unauthorized", 403],
  not_found: ["malformed", 404],
  method_not_allowed: ["malformed", 405],
  not_acceptable_media: ["malformed", 415],
  host_refused: ["malformed", 421],
  conflict: ["malformed", 409],
  invalid_transition: ["malformed", 409],
  unprocessable: ["malformed", 400],
  too_large: ["malformed", 413],
  rate_limited: ["rateLimited", 429],
  overloaded: ["serverInternal", 503],
  unavailable: ["serverInternal", 503],
  guard_refused: ["serverInternal", 500],
  corrupt: ["serverInternal", 500],
  misconfigured: ["serverInternal", 500],
  internal: ["serverInternal", 500],
} as const satisfies Record<FailureCode, readonly [ErrorType, number]>;

/** Of these the reader learns why; the others are ours and say nothing outside. */
const hidden: ReadonlySet<FailureCode> = new Set([
  "internal",
  "corrupt",
  "misconfigured",
  "guard_refused",
  "idempotency_key_missing",
  "idempotency_replayed",
]);

const internal = "an internal error; the operator finds it in the log under the trace of this answer";

/** @param error whatever was thrown; what is neither `AcmeError` nor `Failure` is a defect and is shown to nobody */
export function problemAnswer(error: unknown, instance: string): Answer {
  if (error instanceof AcmeError) {
    const { status = errorTypes[error.type], subproblems, members, headers = {} } = error.details;
    const listed = subproblems?.map((one) => ({ ...one, type: errorUrn(one.type) }));
    return answer(error.type, error.message, status, headers, {
      ...(listed !== undefined && { subproblems: listed }),
      ...members,
    });
  }
  if (!(error instanceof Failure)) return answer("serverInternal", internal, 500, {}, { instance });
  const [type, status] = failures[error.code];
  const { retryAfter } = error;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return hidden.has(error.code)
    ? answer(type, internal, status, headers, { instance })
    : answer(type, error.message, status, headers, {});
}

const answer = (
  type: ErrorType,
  detail: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  members: Readonly<Record<string, unknown>>,
): Answer => ({
  status,
  headers: { "content-type": "application/problem+json", ...headers },
  body: JSON.stringify({ type: errorUrn(type), detail, status, ...members }),
});
