/** What an EST server says, and how (RFC 7030 4, RFC 8951 3, 5). */
import type { Answer } from "#shared/http/answer";
import { retryAfterSeconds, shownFailure } from "#shared/kernel/shown-failure";
import { base64Bytes } from "#shared/kernel/bytes";
import type { FailureCode } from "#shared/kernel/failure";
import type { Decision } from "#shared/http/protocol-requests";

/**
 * DER as base64 (RFC 8951 3, RFC 4648 4), in one line: whitespace is for receivers to tolerate (RFC 8951 3.1), and strongSwan's
 * client does not. RFC 8951 3 has the transfer encoding ignored; clients of RFC 7030 alone look for it.
 */
export const base64Answer = (der: Uint8Array, type: string): Answer => ({
  status: 200,
  headers: { "content-type": type, "content-transfer-encoding": "base64", "cache-control": "no-store" },
  body: base64Bytes(der),
});

/** A Simple PKI Response (RFC 5272 4.1). */
export const certsOnlyType = "application/pkcs7-mime; smime-type=certs-only";

/** RFC 7030 4.2.3, RFC 8951 5: for people to read. */
const textAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  body: `${text}\n`,
});

interface Rendering {
  readonly status: number;
  readonly decision: Decision;
}
const deny = (status: number): Rendering => ({ status, decision: "deny" });
const shed = (status: number): Rendering => ({ status, decision: "shed" });
const error: Rendering = { status: 500, decision: "error" };

const renderings = {
  malformed: deny(400),
  invalid_field: deny(400),
  idempotency_key_missing: deny(400),
  idempotency_mismatch: deny(409),
  idempotency_replayed: deny(409),
  unauthenticated: deny(401),
  forbidden: deny(403),
  not_found: deny(404),
  method_not_allowed: deny(405),
  not_acceptable_media: deny(415),
  host_refused: deny(421),
  conflict: deny(409),
  invalid_transition: deny(409),
  // Understood and refused, by the profile or the signer: enrolment in this way is not allowed (RFC 9110 15.5.4).
  unprocessable: deny(403),
  guard_refused: deny(403),
  too_large: deny(413),
  rate_limited: shed(429),
  overloaded: shed(503),
  unavailable: shed(503),
  corrupt: error,
  misconfigured: error,
  internal: error,
} as const satisfies Record<FailureCode, Rendering>;

export interface Refusal {
  readonly answer: Answer;
  readonly decision: Decision;
}

export interface Challenge {
  /** For `WWW-Authenticate`; undefined: nothing in HTTP would help, and it is no 401 (RFC 9110 15.5.2). */
  readonly scheme: string | undefined;
  /** The client has sent no `Authorization` yet: it is asked, not refused. */
  readonly first: boolean;
}

export function refusal(thrown: unknown, { scheme, first }: Challenge): Refusal {
  const failure = shownFailure(thrown);
  const rendering: Rendering = renderings[failure.code];
  const status = rendering.status === 401 && scheme === undefined ? 403 : rendering.status;
  const retryAfter = failure.retryAfter ?? (status === 503 ? 1 : undefined);
  const headers = {
    ...(typeof failure.extensions?.["allow"] === "string" && { allow: failure.extensions["allow"] }), // RFC 9110 15.5.6
    ...(status === 401 && scheme !== undefined && { "www-authenticate": scheme }),
    ...(retryAfter !== undefined && { "retry-after": retryAfterSeconds(retryAfter) }),
  };
  const { decision } = rendering;
  // Bouncy Castle's client asks without Authorization first, and fails when the 401 has a body that it does not read.
  if (status === 401 && first)
    return { answer: { status, headers: { "cache-control": "no-store", ...headers }, body: null }, decision };
  return { answer: textAnswer(status, failure.message, headers), decision };
}
