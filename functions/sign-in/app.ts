/** Browser sign-in: by what one may, who is signed in, and out again. Each route in the file that its name says. */
import { type Answer, responseOf } from "#shared/http/answer";
import { received } from "#shared/http/body";
import { securityHeaders, strictTransport } from "#shared/http/headers";
import { assertHost } from "#shared/http/host-guard";
import { type Fetches, knownMethodsOnly } from "#shared/http/known-methods";
import { problemAnswer, problemResponse } from "#shared/http/problem";
import { traceOf } from "#shared/http/trace";
import { Failure } from "#shared/kernel/failure";
import { createPool } from "#shared/http/pool";
import type { BoundDeps, Peer } from "../function.ts";
import { logOutAtProvider } from "./back-channel-logout.ts";
import { begin, endSession, finish } from "./by-provider.ts";
import { signInRequest } from "./counted.ts";
import { beginDevice, redeemDevice } from "./device.ts";
import { decideDevice, lookAtDevice } from "./device-decision.ts";
import { createDeviceLimits } from "./device-limits.ts";
import { methods } from "./methods.ts";
import { oauthErrorAnswer } from "./oauth.ts";
import { pageStyle, refusalPage, wantsPage } from "./refusal-page.ts";
import type { Exchange, Route } from "./route.ts";
import { revokeToken, whatTokenIs } from "./token.ts";
import { followLink, logOut, whoIsSignedIn } from "./session.ts";

const byProvider = { asksProvider: true, page: true } as const;

const routes: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ["GET", /^\/auth\/session$/, { run: whoIsSignedIn }],
  ["GET", /^\/auth\/methods$/, { run: methods }],
  ["POST", /^\/auth\/local$/, { run: followLink, counted: "link" }],
  ["POST", /^\/auth\/logout$/, { run: logOut }],
  ["POST", /^\/auth\/device$/, { run: beginDevice, oauth: true, counted: "device-begin" }],
  ["POST", /^\/auth\/device\/token$/, { run: redeemDevice, oauth: true, counted: "device-token" }],
  ["GET", /^\/auth\/device\/request$/, { run: lookAtDevice }],
  ["POST", /^\/auth\/device\/decision$/, { run: decideDevice, counted: "device-decision" }],
  ["POST", /^\/auth\/revoke$/, { run: revokeToken, oauth: true }],
  ["GET", /^\/auth\/token$/, { run: whatTokenIs }],
  ["GET", /^\/auth\/page\.css$/, { run: pageStyle }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/start$/, { run: begin, ...byProvider, counted: "provider-begin" }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/callback$/, { run: finish, ...byProvider, counted: "provider" }],
  ["GET", /^\/auth\/oidc\/([a-z0-9-]+)\/end-session$/, { run: endSession, ...byProvider }],
  [
    "POST",
    /^\/auth\/oidc\/([a-z0-9-]+)\/backchannel-logout$/,
    { run: logOutAtProvider, asksProvider: true, counted: "provider-logout" },
  ],
];

/** Who waits for a provider that is slow keeps no place of those who ask for their session, nor of half of who waits for another one (I8). */
const atProviders = 64;

/** A logout token is the longest that anybody sends; each route has a bound of its own. */
const maxBodyBytes = 32_768;

export function createSignIn(deps: BoundDeps) {
  const providerPool = createPool(atProviders);
  const limits = createDeviceLimits(deps.clock);

  async function fetch(request: Request, peer: Peer): Promise<Response> {
    const trace = traceOf(request.headers.get("traceparent"));
    const url = new URL(request.url);
    const found = routes.flatMap(([method, path, route]) => {
      const match = method === request.method ? path.exec(url.pathname) : null;
      return match === null ? [] : [{ route, provider: match[1] ?? "" }];
    })[0];
    let answer: Answer;
    let refused: unknown;
    try {
      assertHost(request.headers, deps.hostnames);
      if (found === undefined) throw nothingHere();
      // The bulkhead begins where the body ends: a slow sender holds no place in it.
      const whole = request.method === "POST" ? await received(request, maxBodyBytes) : request;
      const { route, provider } = found;
      const exchange: Exchange = { deps, request: whole, url, peer, provider, limits, trace: trace.id };
      const [pool, share] = route.asksProvider === true ? ([providerPool, provider] as const) : [deps.pool];
      answer = await pool.run(async () => route.run(exchange), share);
    } catch (error) {
      refused = error;
      const page = found?.route.page === true && wantsPage(request);
      answer = page
        ? refusalPage(error, trace.id, found.provider, deps.signIn)
        : found?.route.oauth === true
          ? oauthErrorAnswer(error)
          : problemAnswer(error, trace.id);
      // A cause is the operator's to read: of a token that proves nothing, of a provider that does not answer.
      if (answer.status >= 500 || (error instanceof Failure && error.cause !== undefined))
        deps.report(error, { function: "sign-in", trace: trace.id });
    }
    const step = found?.route.counted;
    if (step !== undefined) deps.protocolRequests.count(signInRequest(step, answer.status, refused));
    const headers = {
      ...securityHeaders,
      ...strictTransport(request.headers),
      "cache-control": "no-store",
      ...answer.headers,
      traceparent: trace.traceparent,
    };
    return responseOf({ ...answer, headers });
  }

  const served = (peer: Peer): Fetches =>
    knownMethodsOnly({ fetch: (request) => fetch(request, peer) }, (failure) =>
      problemResponse(failure, traceOf(null).id),
    );
  return { fetch: (request: Request, peer: Peer) => served(peer).fetch(request) };
}

const nothingHere = (): Failure =>
  new Failure("not_found", "there is nothing here; GET /auth/methods says by what one signs in");
