/** Authorization and challenge objects (RFC 8555 7.1.4, 7.1.5, 8). */
import type { AcmeAuthorization, AcmeChallengeType } from "#shared/domain/acme-authorization/acme-authorization";
import { acmeAuthorizationStatus, type Judging } from "#shared/domain/acme-authorization/decide";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { errorTypes, type ErrorType, errorUrn } from "./problem.ts";
import { pollSeconds } from "./order-view.ts";
import type { Urls } from "./urls.ts";

export function challengeView(urls: Urls, id: string, state: AcmeAuthorization, type: AcmeChallengeType) {
  const { token, tried, status, validated_at, error } = state;
  const mine = tried === type;
  return {
    type,
    url: urls.challenge(id, type),
    token,
    status: !mine ? "pending" : status === "valid" || status === "invalid" ? status : "processing",
    ...(mine && status === "valid" && { validated: validated_at }),
    ...(mine && error !== null && { error: problemOf(error) }),
  };
}

const problemOf = ({ type, detail }: { readonly type: string; readonly detail: string }) => ({
  type: errorUrn(type),
  detail,
  status: errorTypes[type as ErrorType],
});

export function authorizationAnswer(
  urls: Urls,
  id: string,
  state: AcmeAuthorization,
  judging: Judging,
  status = 200,
): Answer {
  const { identifier, wildcard, expires, challenges, tried } = state;
  const now = acmeAuthorizationStatus(state, judging);
  // Once it is over only the challenge that decided it is shown (RFC 8555 7.1.4).
  const shown = now === "pending" || tried === null ? challenges : [tried];
  const answer = jsonAnswer(
    {
      identifier,
      status: now,
      expires,
      challenges: shown.map((type) => challengeView(urls, id, state, type)),
      ...(wildcard && { wildcard }),
    },
    status,
  );
  return { ...answer, headers: { ...answer.headers, ...waiting(state) } };
}

/** RFC 8555 7.5.1: when to look again. */
export const waiting = ({ status, tried }: AcmeAuthorization): Record<string, string> =>
  status === "pending" && tried !== null ? { "retry-after": String(pollSeconds) } : {};
