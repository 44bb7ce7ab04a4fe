/** What goes over HTTP: CertReps, and text for what no CertRep can say (RFC 8894 4). */
import type { Answer } from "#shared/http/answer";
import type { Decision } from "#shared/http/protocol-requests";
import { retryAfterSeconds, shownFailure } from "#shared/kernel/shown-failure";
import type { FailureCode } from "#shared/kernel/failure";
import type { FailInfo } from "#shared/pki/scep/cert-rep-attributes";

export const binaryAnswer = (bytes: Uint8Array, type: string): Answer => ({
  status: 200,
  headers: { "content-type": type, "cache-control": "no-store" },
  body: bytes as Uint8Array<ArrayBuffer>,
});

export const textAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  body: text,
});

interface Rendering {
  readonly status: number;
  readonly decision: Decision;
  /** In a CertRep; undefined: another try may go better, which no failInfo says, but HTTP does. */
  readonly failInfo?: FailInfo;
}
const deny = (status: number, failInfo: FailInfo = "badRequest"): Rendering => ({ status, decision: "deny", failInfo });
const shed = (status: number): Rendering => ({ status, decision: "shed" });
const error: Rendering = { status: 500, decision: "error" };

const renderings: Readonly<Record<FailureCode, Rendering>> = {
  malformed: deny(400),
  invalid_field: deny(400),
  idempotency_key_missing: deny(400),
  idempotency_mismatch: deny(400),
  idempotency_replayed: deny(400),
  unauthenticated: deny(400),
  forbidden: deny(400),
  not_found: deny(404, "badCertId"),
  method_not_allowed: deny(405),
  not_acceptable_media: deny(415),
  host_refused: deny(421),
  conflict: deny(409),
  invalid_transition: deny(409),
  unprocessable: deny(400),
  guard_refused: deny(400),
  too_large: deny(413),
  rate_limited: shed(429),
  overloaded: shed(503),
  unavailable: shed(503),
  corrupt: error,
  misconfigured: error,
  internal: error,
};

/** @returns how a CertRep says it; undefined: not at all */
export function failInfoOf(thrown: unknown): { readonly failInfo: FailInfo; readonly text: string } | undefined {
  const { code, message, extensions } = shownFailure(thrown);
  const failInfo = (extensions?.["failInfo"] as FailInfo | undefined) ?? renderings[code].failInfo;
  return failInfo && { failInfo, text: message.length > maxText ? `${message.slice(0, maxText - 1)}\u2026` : message };
}

/** Characters of a failInfoText that the signer signs. */
const maxText = 255;

/** Over plain HTTP. */
export function refusal(thrown: unknown): { readonly answer: Answer; readonly decision: Decision } {
  const failure = shownFailure(thrown);
  const { status, decision } = renderings[failure.code];
  const retryAfter = failure.retryAfter ?? (status === 503 ? 1 : undefined);
  const allow = failure.code === "method_not_allowed" ? failure.extensions?.["allow"] : undefined;
  const headers = {
    ...(retryAfter !== undefined && { "retry-after": retryAfterSeconds(retryAfter) }),
    ...(typeof allow === "string" && { allow }),
  };
  return { answer: textAnswer(status, `${failure.message}\n`, headers), decision };
}
