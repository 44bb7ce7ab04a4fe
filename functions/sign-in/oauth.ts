/** Requests and refusals as OAuth has them: a form comes in, `error` and `error_description` go out (RFC 6749 5.2, RFC 8628 3.5). */
import type { Answer } from "#shared/http/answer";
import { jsonAnswer } from "#shared/http/answer";
import { readBody } from "#shared/http/body";
import { mediaTypeOf } from "#shared/http/media-type";
import { retryAfterSeconds, shownFailure } from "#shared/kernel/shown-failure";
import { utf8Text } from "#shared/kernel/bytes";
import type { Failure, FailureCode } from "#shared/kernel/failure";

/** Each with its status. RFC 6749 5.2, RFC 8628 3.5; `temporarily_unavailable` and `server_error` from RFC 6749 4.1.2.1. */
const statuses = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  authorization_pending: 400,
  slow_down: 400,
  access_denied: 400,
  expired_token: 400,
  temporarily_unavailable: 503,
  server_error: 500,
} as const satisfies Record<string, number>;
type OAuthErrorCode = keyof typeof statuses;

export class OAuthError extends Error {
  readonly error: OAuthErrorCode;
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(error: OAuthErrorCode, description: string, more: { status?: number; retryAfter?: number } = {}) {
    super(description);
    this.error = error;
    this.status = more.status ?? statuses[error];
    this.retryAfter = more.retryAfter;
  }
}

const maxFormBytes = 4_096;

/** @throws OAuthError `invalid_request`: no form, or a parameter given twice (RFC 6749 3.2) */
export async function readForm(request: Request): Promise<Readonly<Record<string, string>>> {
  if (mediaTypeOf(request.headers) !== "application/x-www-form-urlencoded")
    throw new OAuthError("invalid_request", "send the body as content-type: application/x-www-form-urlencoded");
  const form: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(textOf(await readBody(request, maxFormBytes)))) {
    if (name in form) throw new OAuthError("invalid_request", "a parameter is given twice");
    // RFC 6749 3.2: one without a value counts as left out.
    if (value !== "") form[name] = value;
  }
  return form;
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch {
    throw new OAuthError("invalid_request", "the body is no UTF-8");
  }
}

const ofFailure: Partial<Record<FailureCode, OAuthErrorCode>> = {
  overloaded: "temporarily_unavailable",
  unavailable: "temporarily_unavailable",
  corrupt: "server_error",
  misconfigured: "server_error",
  internal: "server_error",
};

export function oauthErrorAnswer(thrown: unknown): Answer {
  const { error, message, status, retryAfter } = thrown instanceof OAuthError ? thrown : ofOther(shownFailure(thrown));
  // RFC 6749 5.2: printable ASCII without quote and backslash.
  const error_description = message.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, "?");
  const answer = jsonAnswer({ error, error_description }, status);
  const headers = {
    ...answer.headers,
    ...(retryAfter !== undefined && { "retry-after": retryAfterSeconds(retryAfter) }),
  };
  return { ...answer, headers };
}

function ofOther(failure: Failure): OAuthError {
  const { code, message, retryAfter } = failure;
  const error = ofFailure[code] ?? "invalid_request";
  const later = retryAfter ?? (statuses[error] === 503 ? 1 : undefined);
  return new OAuthError(error, message, later === undefined ? {} : { retryAfter: later });
}
