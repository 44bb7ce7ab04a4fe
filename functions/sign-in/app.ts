/** Browser sessions: who is signed in, by what one may sign in, and out again. */
import { type Context, Hono } from "hono";
import * as z from "zod";
import { type Answer, jsonAnswer, responseOf } from "#shared/http/answer";
import { readJson } from "#shared/http/body";
import { securityHeaders, strictTransport } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { problemAnswer, problemResponse } from "#shared/http/problem";
import { assertNotForged, assertOwnOrigin, readSessionCookie, sessionCookie } from "#shared/http/session-cookie";
import { traceOf } from "#shared/http/trace";
import { validate } from "#shared/http/validate";
import { Failure } from "#shared/kernel/failure";
import { closeSession, findSession, type SignedIn } from "#shared/usecases/sessions";
import { followSignInLink } from "#shared/usecases/sign-in-link";
import type { BoundDeps } from "../function.ts";

const followLink = z.strictObject({ secret: z.string().min(1).max(200) });
const maxBodyBytes = 4_096;

export function createSignIn(deps: BoundDeps): Fetches {
  const app = new Hono();

  app.get("/auth/session", (c) => guarded(c, async () => jsonAnswer(shown(await signedIn(c.req.raw)))));

  app.post("/auth/local", (c) =>
    guarded(c, async () => {
      assertOwnOrigin(c.req.raw, deps.origins);
      const { secret } = validate(followLink, await readJson(c.req.raw, maxBodyBytes));
      return withCookie(await followSignInLink(deps, secret));
    }),
  );

  app.post("/auth/logout", (c) =>
    guarded(c, async () => {
      const cookie = readSessionCookie(c.req.raw.headers, deps.publicUrl);
      const { csrfToken } = await signedIn(c.req.raw);
      assertNotForged(c.req.raw, csrfToken, deps.origins);
      if (cookie !== undefined) await closeSession(deps, cookie);
      return withCookie("");
    }),
  );

  app.all("*", (c) =>
    guarded(c, async () => {
      throw new Failure("not_found", "GET /auth/session, POST /auth/local and POST /auth/logout are served here");
    }),
  );

  /** @throws Failure `unauthenticated` */
  async function signedIn({ headers }: Request): Promise<SignedIn> {
    const cookie = readSessionCookie(headers, deps.publicUrl);
    const found = cookie === undefined ? undefined : await findSession(deps, cookie);
    if (found === undefined) throw new Failure("unauthenticated", "nobody is signed in here; sign in at the console");
    return found;
  }

  function shown({ session, principal, csrfToken }: SignedIn): object {
    const { tenant, subject, name, method, endsAt } = session;
    const { roles, scopes } = principal;
    const expires_at = new Date(endsAt).toISOString();
    return { tenant, subject, name, method, roles, scopes, csrf_token: csrfToken, expires_at };
  }

  const withCookie = (value: string): Answer => ({
    status: 204,
    headers: { "set-cookie": sessionCookie(value, deps.publicUrl) },
    body: null,
  });

  async function guarded(c: Context, work: () => Promise<Answer>): Promise<Response> {
    const trace = traceOf(c.req.raw.headers.get("traceparent"));
    let answer: Answer;
    try {
      assertHost(c.req.raw.headers, deps.hostnames);
      answer = await deps.pool.run(work);
    } catch (error) {
      answer = problemAnswer(error, trace.id);
      if (answer.status >= 500) deps.report(error, { function: "sign-in", trace: trace.id });
    }
    const headers = {
      ...securityHeaders,
      ...strictTransport(c.req.raw.headers),
      "cache-control": "no-store",
      traceparent: trace.traceparent,
    };
    return responseOf(answer, headers);
  }

  return knownMethodsOnly(app, (failure) => problemResponse(failure, traceOf(null).id));
}
