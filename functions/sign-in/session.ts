/** The session of this browser, and the link of the first start that opens one. */
import * as z from "zod";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { readJson } from "#shared/http/body";
import { assertNotForged, assertOwnOrigin, readSessionCookie, sessionCookie } from "#shared/http/session-cookie";
import { validate } from "#shared/http/validate";
import { Failure } from "#shared/kernel/failure";
import { closeSession, findSession, type SignedIn } from "#shared/usecases/sessions";
import { followSignInLink } from "#shared/usecases/sign-in-link";
import type { Exchange } from "./route.ts";

const link = z.strictObject({ secret: z.string().min(1).max(200) });
const maxBodyBytes = 4_096;

/** @throws Failure `unauthenticated` */
export async function signedIn({ deps, request }: Pick<Exchange, "deps" | "request">): Promise<SignedIn> {
  const cookie = readSessionCookie(request.headers, deps.publicUrl);
  const found = cookie === undefined ? undefined : await findSession(deps, cookie);
  if (found === undefined) throw new Failure("unauthenticated", "nobody is signed in here; sign in at the console");
  return found;
}

/** `GET /auth/session` */
export async function whoIsSignedIn(exchange: Exchange): Promise<Answer> {
  const { session, principal, csrfToken } = await signedIn(exchange);
  const { tenant, subject, name, method, endsAt } = session;
  const { roles, scopes } = principal;
  const expires_at = new Date(endsAt).toISOString();
  return jsonAnswer({ tenant, subject, name, method, roles, scopes, csrf_token: csrfToken, expires_at });
}

/** `POST /auth/local` */
export async function followLink({ deps, request }: Exchange): Promise<Answer> {
  assertOwnOrigin(request, deps.origins);
  const { secret } = validate(link, await readJson(request, maxBodyBytes));
  return withCookie(await followSignInLink(deps, secret), deps.publicUrl);
}

/** `POST /auth/logout` */
export async function logOut(exchange: Exchange): Promise<Answer> {
  const { deps, request } = exchange;
  const cookie = readSessionCookie(request.headers, deps.publicUrl);
  const { csrfToken } = await signedIn(exchange);
  assertNotForged(request, csrfToken, deps.origins);
  if (cookie !== undefined) await closeSession(deps, cookie);
  return withCookie("", deps.publicUrl);
}

const withCookie = (value: string, publicUrl: string): Answer => ({
  status: 204,
  headers: { "set-cookie": sessionCookie(value, publicUrl) },
  body: null,
});
