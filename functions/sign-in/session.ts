/** The session of this browser, and the link of the first start that opens one. */
import * as z from "zod";
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { readJson } from "#shared/http/body";
import {
  assertNotForged,
  assertOwnOrigin,
  isUnattended,
  readSessionCookie,
  sessionCookie,
} from "#shared/http/session-cookie";
import { validate } from "#shared/http/validate";
import { Failure } from "#shared/kernel/failure";
import { closeSession, findSession, type SignedIn } from "#shared/usecases/sessions";
import { followSignInLink, renewByLink } from "#shared/usecases/sign-in-link";
import type { Exchange } from "./route.ts";

const link = z.strictObject({
  secret: z.string().min(1).max(200),
  /** Only as who is signed in already, who shows it anew. */
  step_up: z.boolean().default(false),
});
const maxBodyBytes = 4_096;

/** @throws Failure `unauthenticated` */
export async function signedIn({ deps, request }: Pick<Exchange, "deps" | "request">): Promise<SignedIn> {
  const cookie = readSessionCookie(request.headers, deps.publicUrl);
  const found = cookie === undefined ? undefined : await findSession(deps, cookie, !isUnattended(request.headers));
  if (found === undefined) throw new Failure("unauthenticated", "nobody is signed in here; sign in at the console");
  return found;
}

/** `GET /auth/session` */
export async function whoIsSignedIn(exchange: Exchange): Promise<Answer> {
  const { session, principal, csrfToken } = await signedIn(exchange);
  const { id, tenant, subject, name, method, provider, authenticatedAt, endsAt } = session;
  const { roles, scopes } = principal;
  const authenticated_at = new Date(authenticatedAt).toISOString();
  const expires_at = new Date(endsAt).toISOString();
  const who = { id, tenant, subject, name, method, provider, roles, scopes };
  return jsonAnswer({ ...who, csrf_token: csrfToken, authenticated_at, expires_at });
}

/** `POST /auth/local` */
export async function followLink(exchange: Exchange): Promise<Answer> {
  const { deps, request } = exchange;
  assertOwnOrigin(request, deps.origins);
  const { secret, step_up } = validate(link, await readJson(request, maxBodyBytes));
  if (!step_up) return withCookie(await followSignInLink(deps, secret), deps.publicUrl);
  const { session, csrfToken } = await signedIn(exchange);
  assertNotForged(request, csrfToken, deps.origins);
  return withCookie(await renewByLink(deps, secret, session), deps.publicUrl);
}

/** `POST /auth/logout`: 204, or where the browser goes on to sign out at the provider. */
export async function logOut(exchange: Exchange): Promise<Answer> {
  const { deps, request } = exchange;
  const cookie = readSessionCookie(request.headers, deps.publicUrl);
  const { session, csrfToken } = await signedIn(exchange);
  assertNotForged(request, csrfToken, deps.origins);
  if (cookie !== undefined) await closeSession(deps, cookie);
  const done = withCookie("", deps.publicUrl);
  const provider = session.provider === null ? undefined : deps.signIn.get(session.provider);
  if (provider?.signOutThere !== true) return done;
  const onward = jsonAnswer({ continue_at: `/auth/oidc/${provider.id}/end-session` });
  return { ...onward, headers: { ...onward.headers, ...done.headers } };
}

const withCookie = (value: string, publicUrl: string): Answer => ({
  status: 204,
  headers: { "set-cookie": sessionCookie(value, publicUrl) },
  body: null,
});
