/** What whoever holds an API token may ask about it, and do: know until when it opens what, and end it. */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { bearerToken } from "#shared/http/bearer";
import { Failure } from "#shared/kernel/failure";
import { findToken, revokeOwnToken } from "#shared/usecases/tokens";
import { OAuthError, readForm } from "./oauth.ts";
import type { Exchange } from "./route.ts";

/** `GET /auth/token`, of the token in the Authorization header */
export async function whatTokenIs({ deps, request }: Exchange): Promise<Answer> {
  const text = bearerToken(request.headers);
  const found = text === undefined ? undefined : await findToken(deps, text);
  if (found === undefined)
    throw new Failure("unauthenticated", "the token is unknown, expired or revoked; trstctl login gets another");
  const { id, token, principal } = found;
  const { tenant, subject, roles, scopes } = principal;
  const { created_at, expires_at, client = null } = token;
  return jsonAnswer({ id, tenant, subject, roles, scopes, created_at, expires_at, client });
}

/** `POST /auth/revoke` (RFC 7009 2): one that is unknown is over already */
export async function revokeToken({ deps, request, peer, limits, trace }: Exchange): Promise<Answer> {
  limits.take("poll", peer);
  const { token } = await readForm(request);
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing");
  await revokeOwnToken(deps, token, trace);
  return { status: 200, headers: {}, body: null };
}
